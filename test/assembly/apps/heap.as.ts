import { Node, sleep } from "rosehip/assembly";
import { freeMemory } from "rosehip/assembly/rt/heap";
import { Run } from "rosehip_test/srv";

/** A node of a graph with every kind of member the collector has to follow. */
class Cell {
  numbers: u8[] | null = null;
  text: string = "";
  left: Cell | null = null;
  right: Cell | null = null;

  constructor(readonly seed: u32) {}
}

/** In static data, and changed at run time. */
const slots: StaticArray<Cell | null> = [
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
];
const byName = new Map<string, Cell>();

function next(seed: u32): u32 {
  return seed * 1664525 + 1013904223;
}

/** A tree (or, with `count` as its length, a chain) whose content follows from its seed. */
function grow(seed: u32, count: i32, chain: bool): Cell {
  const cell = new Cell(seed);
  const random = next(seed);
  const numbers: u8[] = [];
  for (let i = 0; i < <i32>((random >> 16) & 15); i++) numbers.push(<u8>(random >> (i & 7)));
  cell.numbers = numbers;
  cell.text = "cell " + seed.toString();
  if (count > 1) {
    cell.left = grow(next(random), chain ? count - 1 : count / 2, chain);
    if (!chain && count > 2) cell.right = grow(next(next(random)), count / 2 - 1, false);
  }
  return cell;
}

/** Folds everything reachable into one number; the test computes the same from the seed alone. */
function digest(cell: Cell | null): u32 {
  let sum: u32 = 7;
  while (cell !== null) {
    sum = sum * 31 + cell.seed;
    const numbers = cell.numbers!;
    for (let i = 0; i < numbers.length; i++) sum = sum * 31 + numbers[i];
    for (let i = 0; i < cell.text.length; i++) sum = sum * 31 + cell.text.charCodeAt(i);
    if (cell.right !== null) sum = sum * 31 + digest(cell.right);
    cell = cell.left;
  }
  return sum;
}

// "tree SLOT COUNT", "chain SLOT COUNT", "name SLOT COUNT": value is the seed. "digest SLOT", "drop SLOT", "free",
// "hold MS COUNT": a tree that only a suspended task knows. "wide SLOT COUNT": an array of cells, checked at once.
const node = new Node("heap");

node.createService(Run, "run", (request, response) => {
  const words = request.command.split(" ");
  const verb = words[0];
  // A cell's name is no number, and the conversion of NaN would trap.
  const slot = words.length > 1 && !words[1].startsWith("n") ? <i32>parseInt(words[1], 10) : 0;
  const count = words.length > 2 ? <i32>parseInt(words[2], 10) : 0;
  const seed = <u32>request.value;
  if (verb == "tree" || verb == "chain") slots[slot] = grow(seed, count, verb == "chain");
  else if (verb == "name") byName.set(words[1], grow(seed, count, false));
  else if (verb == "unname") byName.delete(words[1]);
  else if (verb == "named") response.value = digest(byName.get(words[1]));
  else if (verb == "drop") slots[slot] = null;
  else if (verb == "digest") response.value = digest(slots[slot]);
  else if (verb == "hold") {
    const held = grow(seed, count, false);
    sleep(slot);
    response.value = digest(held);
  } else if (verb == "free") response.value = <i64>freeMemory();
  response.success = true;
});

/** An array of many cells that nothing else refers to, and a chain: more work than the collector's list holds. */
node.createService(Run, "wide", (request, response) => {
  const count = <i32>request.value;
  const cells: Cell[] = [];
  for (let i = 0; i < count; i++) {
    cells.push(grow(i, 2, false));
    if (i % 16 == 15) sleep(0);
  }
  const chain = grow(1, count, true);
  __collect();
  sleep(1);
  let sum: u32 = 0;
  for (let i = 0; i < count; i++) sum = sum * 31 + digest(cells[i]);
  response.value = <i64>sum;
  response.message = digest(chain).toString();
  response.success = true;
});

node.createService(Run, "collect", (_request, response) => {
  __collect();
  sleep(0);
  response.value = <i64>freeMemory();
  response.success = true;
});
