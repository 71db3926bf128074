import { panic } from "../env";

// The text is written piece by piece into a fixed place, because there is no memory to build a string in.
const LINE_MAX: usize = 160;
const line: usize = memory.data(160);
let lineLength: usize = 0;

function append(character: u8): void {
  if (lineLength == LINE_MAX) return;
  store<u8>(line + lineLength, character);
  lineLength++;
}

function appendText(text: string): void {
  for (let i = 0; i < text.length; i++) append(<u8>text.charCodeAt(i));
}

function appendNumber(value: u32): void {
  if (value >= 10) appendNumber(value / 10);
  append(<u8>(48 + (value % 10)));
}

/** Panics with "out of memory: N bytes wanted, M free of K; …". */
export function outOfMemory(wanted: usize, free: usize, total: usize): void {
  lineLength = 0;
  appendText("out of memory: ");
  appendNumber(<u32>wanted);
  appendText(" bytes wanted, ");
  appendNumber(<u32>free);
  appendText(" free of ");
  appendNumber(<u32>total);
  appendText("; unused memory comes back between callbacks and at sleep()");
  panic(line, <u32>lineLength, 0, 0, 0, 0);
  unreachable();
}
