import { ObjectKind } from "../object-id.js";
import { invalidRepresentation, type ObjectDescription } from "./description.js";
import { child, describeXml, parseXml, type XmlElement } from "./xml.js";

const SECTIONS: readonly (readonly [string, number])[] = [
  ["participant", ObjectKind.PARTICIPANT],
  ["topic", ObjectKind.TOPIC],
  ["data_writer", ObjectKind.DATAWRITER],
  ["data_reader", ObjectKind.DATAREADER],
  ["requester", ObjectKind.REQUESTER],
  ["replier", ObjectKind.REPLIER],
];

/**
 * Profiles that clients may refer to by name (DDS-XRCE 1.0, 7.7.3, REPRESENTATION_BY_REFERENCE): the references file
 * of the Micro XRCE-DDS Agent, `<profiles><topic profile_name="…">…`, or `<dds><profiles>…`.
 */
export class References {
  private readonly profiles = new Map<string, ObjectDescription>();

  /** @param xml text of the file; without it no reference is known. @throws RosehipError XRCE_REPRESENTATION */
  constructor(xml?: string) {
    if (xml === undefined) return;
    const parsed = parseXml(xml);
    const root = child(parsed, "profiles") ?? child(parsed, "dds", "profiles") ?? child(parsed, "dds");
    if (root === undefined) invalidRepresentation("the references file has no <profiles>");
    for (const [section, kind] of SECTIONS) {
      for (const element of elements(root, section)) {
        const name = child(element, "@profile_name");
        if (typeof name !== "string")
          invalidRepresentation(`a <${section}> in the references file has no profile_name`);
        this.profiles.set(`${kind} ${name}`, describeXml(kind, element));
      }
    }
  }

  /** @returns undefined if there is no such profile of that kind */
  find(objectKind: number, name: string): ObjectDescription | undefined {
    return this.profiles.get(`${objectKind} ${name}`);
  }
}

function elements(root: XmlElement, name: string): readonly XmlElement[] {
  if (typeof root !== "object" || Array.isArray(root)) return [];
  const found = (root as { readonly [name: string]: XmlElement })[name];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}
