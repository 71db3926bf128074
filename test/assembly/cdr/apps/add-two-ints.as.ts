// The code of one service: what its size is measured by.
import { AddTwoInts } from "example_interfaces/srv";
import { CdrReader, CdrWriter } from "rosehip/assembly/cdr";

export function serve(request: usize, length: i32, response: usize, capacity: u32): i32 {
  const question = AddTwoInts.createRequest();
  const reader = new CdrReader(request, length);
  question.deserialize(reader);
  if (reader.error) return -1;
  const answer = AddTwoInts.createResponse();
  answer.sum = question.a + question.b;
  const writer = new CdrWriter(response, capacity);
  answer.serialize(writer);
  return writer.length;
}
