use failsafe::stack;

stack! {
    pub(crate) const PAYMENTS = #[retry(max = 3)]
}

stack! {
    pub EMPTY =
}

stack! {
    NO_EQUALS #[retry(max = 3)]
}

stack! {
    pub NO_ATTRIBUTE = retry(max = 3)
}

stack! {
    pub FIRST = #[retry(max = 3)]
    SECOND = #[retry(max = 3)]
}

stack! {
    #[retry(max = 3)]
}

fn main() {}
