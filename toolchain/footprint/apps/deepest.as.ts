// Takes as much of the C stack as an app can: calls itself, each time out of eight loops, which are frames of the interpreter,
// until it is stopped. run.ts measures how deep that is.
import { Node } from "rosehip/assembly";

const node = new Node("deepest");
const goesOn = true;

function deeper(): void {
  while (goesOn) {
    while (goesOn) {
      while (goesOn) {
        while (goesOn) {
          while (goesOn) {
            while (goesOn) {
              while (goesOn) {
                while (goesOn) deeper();
              }
            }
          }
        }
      }
    }
  }
}

deeper();
node.logger.info("never said");
