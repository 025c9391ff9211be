//! One binary for every test of the whole program: linking it is the dear part.

mod accounts;
mod csrf;
mod devices;
mod fixture;
mod live;
mod openapi;
mod pages;
mod permissions;
mod status;
mod tidy;
