import { XMLParser } from "fast-xml-parser";
import { LIMITS } from "../../../limits.js";
import { ObjectKind } from "../object-id.js";
import {
  DEFAULT_QOS,
  type EndpointQos,
  invalidRepresentation,
  type ObjectDescription,
  type TopicReference,
} from "./description.js";

/**
 * XML representations (DDS-XRCE 1.0, 7.7.3) in the dialect of Fast DDS profiles, which Micro XRCE-DDS clients
 * send: `<dds><data_writer>…</data_writer></dds>`. Entities are never expanded and nesting is bounded; the size is
 * bounded by CREATE's decoder.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: LIMITS.xmlDepth,
});

/** A parsed element: child elements and `@attributes` by name, text as a string. */
export type XmlElement = string | { readonly [name: string]: XmlElement } | readonly XmlElement[] | undefined;

/** @throws RosehipError XRCE_REPRESENTATION if it is not well-formed, or carries a document type */
export function parseXml(xml: string): XmlElement {
  if (/<!DOCTYPE/i.test(xml)) invalidRepresentation("XML with a document type is refused");
  try {
    return parser.parse(xml, true) as XmlElement;
  } catch (error) {
    return invalidRepresentation(`not well-formed XML: ${error instanceof Error ? error.message : error}`);
  }
}

/** The first child of that name; undefined if there is none. */
export function child(element: XmlElement, ...path: string[]): XmlElement {
  let at = element;
  for (const name of path) {
    if (Array.isArray(at)) at = at[0];
    if (typeof at !== "object") return undefined;
    at = (at as { readonly [name: string]: XmlElement })[name];
  }
  return Array.isArray(at) ? at[0] : at;
}

function text(element: XmlElement, ...path: string[]): string | undefined {
  const found = child(element, ...path);
  if (typeof found !== "string") return undefined;
  if (found.length >= LIMITS.nameOctets) return invalidRepresentation(`<${path.at(-1)}> is too long`);
  return found;
}

function required(element: XmlElement, where: string, ...path: string[]): string {
  const found = text(element, ...path);
  if (found === undefined || found === "") invalidRepresentation(`<${where}> lacks ${path.join("/")}`);
  return found as string;
}

const ELEMENTS: Readonly<Record<number, string>> = {
  [ObjectKind.PARTICIPANT]: "participant",
  [ObjectKind.TOPIC]: "topic",
  [ObjectKind.PUBLISHER]: "publisher",
  [ObjectKind.SUBSCRIBER]: "subscriber",
  [ObjectKind.DATAWRITER]: "data_writer",
  [ObjectKind.DATAREADER]: "data_reader",
  [ObjectKind.REQUESTER]: "requester",
  [ObjectKind.REPLIER]: "replier",
};

/** @throws RosehipError XRCE_REPRESENTATION */
export function decodeXml(objectKind: number, xml: string): ObjectDescription {
  const group = objectKind === ObjectKind.PUBLISHER || objectKind === ObjectKind.SUBSCRIBER;
  if (xml.trim() === "" && group) {
    return { kind: objectKind === ObjectKind.PUBLISHER ? "publisher" : "subscriber" };
  }
  const name = ELEMENTS[objectKind];
  if (name === undefined)
    return invalidRepresentation(`objects of kind ${objectKind} have no XML representation`);
  const element = child(parseXml(xml), "dds", name);
  if (element === undefined) return invalidRepresentation(`XML of a ${name} lacks <dds><${name}>`);
  return describeXml(objectKind, element);
}

/** The description out of one element of a `<dds>` document or a profile. @throws RosehipError XRCE_REPRESENTATION */
export function describeXml(objectKind: number, element: XmlElement): ObjectDescription {
  switch (objectKind) {
    case ObjectKind.PARTICIPANT: {
      const name = text(element, "rtps", "name") ?? text(element, "name");
      return { kind: "participant", ...(name === undefined || name === "" ? {} : { name }) };
    }
    case ObjectKind.TOPIC:
      return {
        kind: "topic",
        name: required(element, "topic", "name"),
        type: required(element, "topic", "dataType"),
      };
    case ObjectKind.PUBLISHER:
      return { kind: "publisher" };
    case ObjectKind.SUBSCRIBER:
      return { kind: "subscriber" };
    case ObjectKind.DATAWRITER:
      return endpoint(element, "datawriter");
    case ObjectKind.DATAREADER:
      return endpoint(element, "datareader");
    case ObjectKind.REQUESTER:
      return service(element, "requester");
    default:
      return service(element, "replier");
  }
}

function endpoint(element: XmlElement, kind: "datawriter" | "datareader"): ObjectDescription {
  const topic: TopicReference = {
    name: required(element, kind, "topic", "name"),
    type: required(element, kind, "topic", "dataType"),
  };
  return { kind, topic, qos: qos(element, kind) };
}

const DURABILITY: Readonly<Record<string, EndpointQos["durability"]>> = {
  VOLATILE: "volatile",
  VOLATILE_DURABILITY_QOS: "volatile",
  TRANSIENT_LOCAL: "transient_local",
  TRANSIENT_LOCAL_DURABILITY_QOS: "transient_local",
  TRANSIENT: "transient",
  TRANSIENT_DURABILITY_QOS: "transient",
  PERSISTENT: "persistent",
  PERSISTENT_DURABILITY_QOS: "persistent",
};

function qos(element: XmlElement, kind: "datawriter" | "datareader"): EndpointQos {
  const byDefault = DEFAULT_QOS[kind];
  const reliability = text(element, "qos", "reliability", "kind");
  const durability = text(element, "qos", "durability", "kind");
  const history = text(element, "topic", "historyQos", "kind");
  const depth = text(element, "topic", "historyQos", "depth");
  if (depth !== undefined && !/^\d{1,9}$/.test(depth))
    invalidRepresentation(`history depth "${depth}" is no number`);
  return {
    reliable: reliability === undefined ? byDefault.reliable : reliability.startsWith("RELIABLE"),
    durability: durability === undefined ? byDefault.durability : durabilityNamed(durability),
    keepAll: history?.startsWith("KEEP_ALL") ?? byDefault.keepAll,
    depth: depth === undefined ? byDefault.depth : Number(depth),
  };
}

const durabilityNamed = (name: string): EndpointQos["durability"] =>
  DURABILITY[name] ??
  invalidRepresentation(`"${name}" is no durability`, `Use ${Object.keys(DURABILITY).join(", ")}.`);

function service(element: XmlElement, kind: "requester" | "replier"): ObjectDescription {
  const serviceName = required(element, kind, "@service_name");
  return {
    kind,
    serviceName,
    requestType: required(element, kind, "@request_type"),
    replyType: required(element, kind, "@reply_type"),
    requestTopic: text(element, "request_topic_name") ?? `${serviceName}_Request`,
    replyTopic: text(element, "reply_topic_name") ?? `${serviceName}_Reply`,
  };
}
