//! One binary for every test of the whole program: linking it is the dear part.

mod tidy;
