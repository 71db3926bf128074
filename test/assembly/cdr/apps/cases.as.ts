// What cdr.test.ts runs. Each case writes a message to output() and returns its length, or minus the CdrError.
import { CdrReader, CdrWriter } from "rosehip/assembly/cdr";
import { Message } from "rosehip/assembly/interface";
import { Numbers, Text } from "rosehip_test_msgs/msg";
import { Report_Response } from "rosehip_test_msgs/srv";

const CAPACITY: u32 = 4096;
const OUTPUT: usize = heap.alloc(CAPACITY);

export function output(): usize {
  return OUTPUT;
}

function write(message: Message, capacity: u32 = CAPACITY): i32 {
  const writer = new CdrWriter(OUTPUT, capacity);
  message.serialize(writer);
  assert(writer.overflow == <u32>writer.length > capacity);
  return writer.error ? -(<i32>writer.error) : writer.length;
}

export function report(capacity: u32): i32 {
  const message = new Report_Response();
  message.success = true;
  message.message = "four";
  message.more = 1;
  return write(message, capacity);
}

export function bounded_string(characters: i32): i32 {
  const message = new Report_Response();
  message.message = "😀".repeat(characters);
  return write(message);
}

export function bounded_wide_string(characters: i32): i32 {
  const message = new Text();
  message.short_wide = "😀".repeat(characters);
  return write(message);
}

export function bounded_sequence(length: i32): i32 {
  const message = new Text();
  for (let i = 0; i < length; i++) message.few_short.push("x");
  return write(message);
}

export function fixed_array(length: i32): i32 {
  const message = new Numbers();
  message.triple = new StaticArray<f64>(length);
  return write(message);
}

export function too_large(): i32 {
  const writer = new CdrWriter(OUTPUT, 0);
  // What is at the source does not matter: nothing fits, so nothing is read.
  writer.copy<u8>(OUTPUT, i32.MAX_VALUE);
  if (writer.error) return writer.error;
  writer.u8(0);
  return -(<i32>writer.error);
}

export function lone_surrogate(): i32 {
  const message = new Report_Response();
  message.message = "a" + String.fromCharCode(0xd800) + "b";
  return write(message);
}

export function read_text(length: i32): i32 {
  const reader = new CdrReader(OUTPUT, length);
  new Report_Response().deserialize(reader);
  return <i32>reader.error;
}

export function fault(): i32 {
  const message = new Report_Response();
  message.success = true;
  message.more = 7;
  message.fault("out of memory");
  return write(message);
}
