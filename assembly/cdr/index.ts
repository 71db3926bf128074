export { CdrError, cdrErrorText } from "./error";
export { CdrReader } from "./reader";
export * from "./sequence";
export { CdrWriter } from "./writer";
