//! Compile-fail cases live under `tests/`; the library itself is empty.
