//! Keeps the house in order: rules of ARCHITECTURE.md that no compiler checks.
//!
//! To add a rule: a test whose name is the rule, in the file of what it looks at.

mod crates;
mod documents;
mod locales;
mod packages;
mod sources;
mod tree;
