/** The same as typing.ts, as TypeScript's checker understands it. AssemblyScript never reads this file. */

export type Options<T> = { [K in keyof T]?: T[K] };

export type ElementOf<T> = T extends ArrayLike<infer E> ? E : never;
