import type { ObjectDescription } from "../message/representation/description.js";
import type {
  ParticipantEntity,
  ReaderEntity,
  ReplierEntity,
  RequesterEntity,
  WriterEntity,
} from "./data-space.js";
import type { Delivery } from "./delivery.js";

interface ObjectBase {
  readonly id: number;
  /** Object this one is deleted with; 0 for participants. */
  readonly parentId: number;
  readonly domainId: number;
  readonly description: ObjectDescription;
}

export interface ParticipantObject extends ObjectBase {
  readonly kind: "participant";
  readonly entity: ParticipantEntity;
}

export interface TopicObject extends ObjectBase {
  readonly kind: "topic";
  readonly name: string;
  readonly type: string;
}

/** Publishers and subscribers group endpoints; nothing on the network shows them. */
export interface GroupObject extends ObjectBase {
  readonly kind: "publisher" | "subscriber";
}

export interface DataWriterObject extends ObjectBase {
  readonly kind: "datawriter";
  readonly entity: WriterEntity;
}

/** Something with a READ_DATA. */
interface Readable extends ObjectBase {
  readonly delivery: Delivery;
}

export interface DataReaderObject extends Readable {
  readonly kind: "datareader";
  readonly entity: ReaderEntity;
}

export interface RequesterObject extends Readable {
  readonly kind: "requester";
  readonly entity: RequesterEntity;
}

export interface ReplierObject extends Readable {
  readonly kind: "replier";
  readonly entity: ReplierEntity;
}

export type ReadableObject = DataReaderObject | RequesterObject | ReplierObject;
export type XrceObject =
  | ParticipantObject
  | TopicObject
  | GroupObject
  | DataWriterObject
  | DataReaderObject
  | RequesterObject
  | ReplierObject;
