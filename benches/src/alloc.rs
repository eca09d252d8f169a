//! Counts heap allocations of the calling thread.
#![allow(
    unsafe_code,
    reason = "`GlobalAlloc` is an unsafe trait; every method only counts and forwards to `System`"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    // Per thread and constant-initialised: a load and a store. A shared atomic would add some nanoseconds to each
    // allocation, which only the contenders that allocate would pay.
    static ALLOCATED: Cell<Allocated> = const { Cell::new(Allocated { count: 0, bytes: 0 }) };
}

/// What the calling thread has asked the heap for since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allocated {
    /// Allocations, reallocations included.
    pub count: u64,
    /// Bytes asked for.
    pub bytes: u64,
}

impl Allocated {
    /// The totals so far. Stays at zero unless [`Counting`] is the global allocator.
    pub fn now() -> Self {
        ALLOCATED.get()
    }

    /// What was allocated since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self { count: self.count - earlier.count, bytes: self.bytes - earlier.bytes }
    }
}

/// The system's allocator, counting. Install it with `#[global_allocator]`.
#[derive(Debug)]
pub struct Counting;

impl Counting {
    fn count(bytes: usize) {
        let so_far = ALLOCATED.get();
        ALLOCATED.set(Allocated { count: so_far.count + 1, bytes: so_far.bytes + bytes as u64 });
    }
}

// SAFETY: every method passes its arguments to `System` unchanged and returns what `System` returned. Counting
// touches a thread-local without destructor or lazy initialisation, so it neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller keeps `alloc`'s contract, which is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        Self::count(new_size);
        // SAFETY: as above; `ptr` came from `System`, as all of ours do.
        unsafe { System.realloc(ptr, layout, new_size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}
