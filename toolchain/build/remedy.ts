import { interfaceSources } from "../interface/gen.js";
import { InterfaceLibrary } from "../interface/library.js";

export interface Mistake {
  /** asc's message, with its place and code. */
  readonly text: string;
  /** The line of the source it is in. */
  readonly line: string;
}

const GENERAL = "Mend what is listed. AssemblyScript has no closures, unions or try/catch (docs/design.md).";

/** What to do about the first mistake that is a usual one, in the words of those who write ROS 2 nodes. */
export function remedyFor(mistakes: readonly Mistake[], project: string): string {
  for (const mistake of mistakes) {
    const remedy = interfaceRemedy(mistake.text, project) ?? languageRemedy(mistake);
    if (remedy !== undefined) return remedy;
  }
  return GENERAL;
}

/** For imports of packages and types that are not there. */
function interfaceRemedy(text: string, project: string): string | undefined {
  const [, packageName = "", folder] = /'~lib\/(\w+)\/(msg|srv|action)(?:\.ts)?'/.exec(text) ?? [];
  if (folder === undefined) return undefined;
  const library = new InterfaceLibrary(interfaceSources(project));
  const own = `Your own go to interfaces/${packageName}/${folder}/, beside the app.`;
  const names = library
    .typesIn(packageName)
    .filter((type) => type.startsWith(`${packageName}/${folder}/`))
    .map((type) => type.slice(type.lastIndexOf("/") + 1));
  if (names.length > 0) return `${packageName}/${folder} has ${names.join(", ")}. ${own}`;
  return `The packages that are known: ${library.packages().join(", ")}. ${own}`;
}

/** For what TypeScript, or rclpy, would have allowed. */
function languageRemedy({ text, line }: Mistake): string | undefined {
  if (text.includes("Closures")) {
    return "A callback sees its parameters and what is declared at the top of the file, not the variables of the function around it.";
  }
  if (/\b(?:async|await|Promise)\b/.test(line)) {
    return "Write it without async and await: sleep(), call() and getResult() wait by themselves, and others go on meanwhile.";
  }
  if (/\b(?:try|catch)\b/.test(line)) {
    return "There is no try and catch: calls return null, and `error` of the client tells why.";
  }
  if (/\bcreate(?:Lifecycle)?(?:Publisher|Subscription)\b/.test(line)) {
    return "A message's type as a value has _Type behind its name: String_Type for String.";
  }
  return undefined;
}
