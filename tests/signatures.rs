//! Every kind of signature a policy can go on: each case compiles, and runs as often as it should. What must not compile
//! is in the ui tests; unsafe functions are in `ui-tests/edition-2021`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod signatures {
    mod a01_free_fn;
    mod a02_borrows_spawned;
    mod a03_exclusive;
    mod a04_self_by_value;
    mod a05_arc_self;
    mod a06_box_self;
    mod a07_pinned_self;
    mod a08_consumed_string;
    mod a09_mut_argument;
    mod a10_patterns;
    mod a11_generics;
    mod a12_impl_arguments;
    mod a13_impl_in_output;
    mod a14_control_flow;
    mod a15_recursion;
    mod a16_borrowed_not_clone;
    mod a18_rc_local_set;
    mod a19_send_references;
    mod a20_trait_method;
    mod a21_async_trait;
    mod a22_future_returning;
    mod a23_extern_fn;
    mod a25_other_attributes;
    mod a26_instrument_below;
    mod a27_instrument_above;
    mod a29_diverging_loop;
    mod a31_all_stacked;
    mod a32_blocking;
    mod a33_exclusive_and_consumed;
    mod a35_mentioned_arguments;
    mod a36_return_types;
    mod a37_coercions;
    mod a38_macro_rules;
    mod a39_conditions;
    mod a40_self_types;
    mod a41_items_in_body;
    mod a42_unit;
    mod a43_async_fn_arguments;
    mod a44_generic_spawn;
    mod a45_boxed_recursion;
    mod a46_client_with_self_names;
    mod a47_returns_exclusive;
    mod a49_async_trait_receivers;
    mod a50_send_not_sync;
    mod a52_any_return_type;
    mod a53_everything_in_a_body;
    mod a54_hedge;
    mod b01_named_stack;
    mod c01_resilient_blocks;
    mod c02_resilient_traits;
    mod support;
}
