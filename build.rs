//! Says when to build anew: the folders that the binary holds change without a line of Rust.

fn main() {
    for folder in ["console/public", "src/mail/templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
