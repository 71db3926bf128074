export { CdrError, cdrErrorText } from "./error";
export { CdrReader } from "./reader";
export { CdrWriter } from "./writer";
export * from "./sequence";
