/**
 * Types that AssemblyScript and TypeScript's checker, which editors use, see in different ways. This file is
 * AssemblyScript's; typing.editor.ts, found first through `moduleSuffixes` of tsconfig.app.json, is the checker's.
 */

/** An object literal for a class whose fields have defaults: any of them may be left out. */
export type Options<T> = T;

/** What an array of type T holds. */
export type ElementOf<T> = valueof<T>;
