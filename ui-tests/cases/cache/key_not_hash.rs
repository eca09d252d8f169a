use failsafe::cache;

#[derive(Clone, PartialEq)]
struct Point {
    x: f64,
}

#[cache(key = point)]
fn height(point: Point) -> f64 {
    point.x
}

#[cache(key = (id, point))]
fn heights(id: u32, point: &Point) -> f64 {
    f64::from(id) * point.x
}

fn main() {}
