import { DeclaredParameter } from "./parameter";

const SEPARATOR = ".";

/**
 * What ListParameters answers: rclpy's Node.list_parameters.
 * @param prefixes those asked for; none is all
 * @param depth most parts of a name, after its prefix; 0 (DEPTH_RECURSIVE) is any
 * @param names gets the names found
 * @param found gets what is in front of their last separators, each once
 */
export function list(
  first: DeclaredParameter | null,
  prefixes: string[],
  depth: u64,
  names: string[],
  found: string[],
): void {
  let parameter = first;
  while (parameter !== null) {
    const name = parameter.name;
    if (isListed(name, prefixes, depth)) {
      names.push(name);
      const end = name.lastIndexOf(SEPARATOR);
      if (end >= 0) {
        const prefix = name.substring(0, end);
        if (!found.includes(prefix)) found.push(prefix);
      }
    }
    parameter = parameter.next;
  }
}

function isListed(name: string, prefixes: string[], depth: u64): bool {
  if (prefixes.length == 0) return isWithin(name, 0, depth);
  for (let i = 0; i < prefixes.length; i++) {
    const prefix = prefixes[i];
    if (name == prefix) return true;
    const below = name.startsWith(prefix) && name.charAt(prefix.length) == SEPARATOR;
    if (below && isWithin(name, prefix.length + 1, depth)) return true;
  }
  return false;
}

/** Whether the name from `start` on has at most `depth` parts. */
function isWithin(name: string, start: i32, depth: u64): bool {
  if (depth == 0) return true;
  let parts: u64 = 1;
  for (let at = name.indexOf(SEPARATOR, start); at >= 0; at = name.indexOf(SEPARATOR, at + 1)) parts++;
  return parts <= depth;
}
