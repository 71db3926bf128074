// Loaded into a Node process before its own program: keeps one small object for every packet that it gets.
import { Socket } from "node:dgram";

const kept = [];
const emit = Socket.prototype.emit;

Socket.prototype.emit = function (name, ...rest) {
  if (name === "message") kept.push({ name });
  return emit.call(this, name, ...rest);
};
