//! What a pattern can be.
#![deny(warnings)]

use failsafe::{Rejected, retry, timeout};

const NOT_FOUND: u16 = 404;

#[derive(Debug)]
struct Status {
    code: u16,
    text: &'static str,
}

#[retry(handle(| Err(Status { code: 500..=599, .. }) | Err(Status { code: NOT_FOUND, text: "" })))]
fn leading_bar() -> Result<u32, Status> {
    Err(Status { code: 200, text: "fine" })
}

#[retry(handle(Err(status @ Status { code, .. }) if *code > limit && !status.text.is_empty()))]
fn guard(limit: u16) -> Result<u32, Status> {
    Err(Status { code: 200, text: "fine" })
}

#[retry(handle(None | Some(0)), abort(Some(_)))]
fn option() -> Option<u32> {
    Some(1)
}

#[retry(handle([] | [0, ..] | &[_, _, ..]))]
fn slice(of: &[u8]) -> &[u8] {
    of
}

#[retry(handle((_, "busy" | "later")))]
fn tuple() -> (u32, &'static str) {
    (1, "busy")
}

#[retry(handle(_))]
#[timeout("1s")]
async fn any() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {
    println!("{:?} {:?} {:?} {:?} {:?}", leading_bar(), guard(7), option(), slice(&[1]), tuple());
    drop(any());
}
