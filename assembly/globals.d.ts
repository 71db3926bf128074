// What asc provides and its own declarations for editors leave out.

declare const __rtti_base: usize;
declare function __visit_globals(cookie: u32): void;
declare function __visit_members(object: usize, cookie: u32): void;
declare function __new(size: usize, id: u32): usize;
