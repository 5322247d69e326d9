//! The launcher's allocator: a launcher lives for a millisecond and then becomes another program, so nothing is given
//! back. Saves 65 µs of 195 (docs/performance.md).
#![expect(unsafe_code, reason = "an allocator is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Pages that are not touched cost nothing. What is larger goes to the system's allocator.
const SIZE: usize = 16 << 20;
/// Of every allocation, as malloc's: what comes as bytes is at times used for a C structure.
const ALIGNMENT: usize = 8;
/// The size of a page on x86_64, and the least on arm64.
const PAGE: usize = 4096;

/// Hands out one static block from its start to its end, then the system's memory.
#[derive(Debug)]
pub struct Arena {
    block: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: `used` moves forward by compare-and-swap, so no two callers get the same bytes; it moves back only when the
// caller of `realloc` gives up the end of the newest allocation, which is its own.
unsafe impl Sync for Arena {}

impl Arena {
    /// An arena with nothing in it.
    #[expect(clippy::new_without_default, reason = "a static needs a const function")]
    pub const fn new() -> Self {
        Arena { block: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) }
    }

    /// How much is handed out.
    pub fn mark(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Gives the memory that was handed out before a mark back to the kernel, which makes it zeros: a process that lives
    /// longer than the launcher must not keep what the launcher knew. From then on memory is the system's, and is given
    /// back.
    ///
    /// # Safety
    ///
    /// Nothing that was allocated before the mark is used again.
    pub unsafe fn forget(&self, mark: usize) {
        self.used.store(SIZE, Relaxed);
        let (base, end) = (self.base(), self.base() + mark);
        let (first, last) = (base.next_multiple_of(PAGE), end - end % PAGE);
        let zero = |from: usize, to: usize| {
            // SAFETY: the range lies in the block, and the caller promises that it is not used again.
            unsafe { std::ptr::write_bytes((from - base + self.block.get() as usize) as *mut u8, 0, to - from) };
        };
        // SAFETY: the pages lie wholly in the part of the block that the caller gives up.
        let given_back =
            first < last && unsafe { libc::madvise(first as *mut _, last - first, libc::MADV_DONTNEED) } == 0;
        if given_back {
            zero(base, first);
            zero(last, end);
        } else {
            zero(base, end);
        }
    }

    fn base(&self) -> usize {
        self.block.get() as usize
    }

    fn owns(&self, pointer: *mut u8) -> bool {
        (pointer as usize).wrapping_sub(self.base()) < SIZE
    }
}

// SAFETY: every pointer is either inside the block, aligned, and handed out once, or comes from `System` and goes back
// to it.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = self.used.load(Relaxed);
        let start = (self.base() + used).next_multiple_of(layout.align().max(ALIGNMENT)) - self.base();
        let end = start.saturating_add(layout.size());
        if end <= SIZE && self.used.compare_exchange(used, end, Relaxed, Relaxed).is_ok() {
            // SAFETY: `start` lies within the block.
            return unsafe { self.block.get().cast::<u8>().add(start) };
        }
        // SAFETY: the layout is passed on as it is.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if !self.owns(pointer) {
            // SAFETY: what is not of the block came from `System` with this layout.
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !self.owns(pointer) {
            // SAFETY: what is not of the block came from `System` with this layout.
            return unsafe { System.realloc(pointer, layout, size) };
        }
        let start = pointer as usize - self.base();
        let (end, wanted) = (start + layout.size(), start.saturating_add(size));
        // The newest allocation grows where it stands: a vector that is being filled is not copied again and again.
        if wanted <= SIZE && self.used.compare_exchange(end, wanted, Relaxed, Relaxed).is_ok() {
            return pointer;
        }
        // SAFETY: the new size is not zero and keeps the alignment valid, by the contract of `realloc`.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both are live, do not overlap, and hold at least the smaller of the two sizes.
            unsafe { std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(size)) };
        }
        new
    }
}
