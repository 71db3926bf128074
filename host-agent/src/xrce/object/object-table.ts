import { DecodeError, RosehipError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import type { Create } from "../message/create.js";
import { kindOf, ObjectKind } from "../message/object-id.js";
import { Status, type StatusValue } from "../message/protocol.js";
import type { ReadData } from "../message/read-data.js";
import type { ObjectDescription } from "../message/representation/description.js";
import type { WriteData } from "../message/write-data.js";
import type { ParticipantEntity } from "./data-space.js";
import type { XrceObject } from "./object.js";
import {
  createObject,
  createParticipant,
  describe,
  type ObjectHost,
  type ObjectPlace,
  PARENT_KINDS,
} from "./object-factory.js";
import { decodeSampleIdentity, SAMPLE_IDENTITY_OCTETS } from "./sample-identity.js";

/** Result of a request, with the reason if it failed. */
export interface Outcome {
  readonly status: StatusValue;
  readonly reason?: string;
  readonly remedy?: string;
}

const OK: Outcome = { status: Status.OK };
const failure = (status: StatusValue, reason: string): Outcome => ({ status, reason });

/** Highest domain id whose ports fit below 65536 (DDSI-RTPS 2.5, 9.6.2.3). */
const MAX_DOMAIN = 232;
const DOMAIN_FROM_AGENT = 255;

/** All objects of one client (DDS-XRCE 1.0, 7.8.3 XRCE::ProxyClient). */
export class ObjectTable {
  private readonly objects = new Map<number, XrceObject>();
  /** Participants that wait for their network. */
  private readonly opening = new Map<number, Promise<Outcome>>();
  private closed = false;

  constructor(private readonly host: ObjectHost) {}

  get size(): number {
    return this.objects.size;
  }

  has(objectId: number): boolean {
    return this.objects.has(objectId);
  }

  /**
   * CREATE (7.8.3.1 and Table 4): what an existing object means depends on reuse and replace.
   * @returns a promise only if a participant has to wait for its network
   */
  create(create: Create, littleEndian: boolean): Outcome | Promise<Outcome> {
    try {
      const description = this.describe(create, littleEndian);
      return "status" in description ? description : this.createAs(create, description);
    } catch (error) {
      return fromError(error);
    }
  }

  /** DELETE (7.8.3.4), children included. */
  delete(objectId: number): Outcome {
    const object = this.objects.get(objectId);
    if (object === undefined) return failure(Status.ERR_UNKNOWN_REFERENCE, "there is no such object");
    this.remove(object);
    return OK;
  }

  /** READ_DATA: an outcome only if it failed. */
  read(read: ReadData): Outcome | undefined {
    const object = this.objects.get(read.objectId);
    if (object === undefined) return failure(Status.ERR_UNKNOWN_REFERENCE, "there is no such object");
    if (!("delivery" in object))
      return failure(Status.ERR_INVALID_DATA, `nothing can be read from a ${object.kind}`);
    if (read.format !== 0)
      return failure(Status.ERR_INCOMPATIBLE, `data format ${read.format} is not supported`);
    if (read.contentFilter !== undefined && read.contentFilter !== "") {
      return failure(Status.ERR_INCOMPATIBLE, "content filters are not supported");
    }
    object.delivery.start(read);
    object.entity.start?.();
    object.entity.resume();
    return undefined;
  }

  /** WRITE_DATA: "blocked" if there is no room now, an outcome only if it failed. */
  write(write: WriteData): Outcome | "blocked" | undefined {
    const object = this.objects.get(write.objectId);
    if (object === undefined) return failure(Status.ERR_UNKNOWN_REFERENCE, "there is no such object");
    if (write.format !== 0)
      return failure(Status.ERR_INCOMPATIBLE, `data format ${write.format} is not supported`);
    if (!write.littleEndian) {
      return failure(
        Status.ERR_INCOMPATIBLE,
        "big-endian samples are not supported: send them little-endian",
      );
    }
    try {
      return this.writeTo(object, write) ? undefined : "blocked";
    } catch (error) {
      return fromError(error);
    }
  }

  /** What an object is, undefined if there is no such object. */
  description(objectId: number): ObjectDescription | undefined {
    return this.objects.get(objectId)?.description;
  }

  /** The node an object belongs to, undefined if there is no such object. */
  nodeName(objectId: number): string | undefined {
    const object = this.objects.get(objectId);
    return object === undefined ? undefined : this.participantOf(object.id).nodeName;
  }

  /** Deletes everything, and whatever a pending CREATE will still bring. */
  close(): void {
    this.closed = true;
    for (const object of [...this.objects.values()]) {
      if (object.kind === "participant") this.remove(object);
    }
  }

  private createAs(create: Create, description: ObjectDescription): Outcome | Promise<Outcome> {
    // A client that begins its session again may ask anew for what waits still: whether it exists is known after that.
    const opening = this.opening.get(create.objectId);
    if (opening !== undefined) return opening.then(() => this.createAs(create, description));
    try {
      const place = this.place(create, description);
      if ("status" in place) return place;
      const existing = this.objects.get(create.objectId);
      if (existing !== undefined) {
        const same = isSame(existing, description, place);
        if (create.reuse && same) return { status: Status.OK_MATCHED };
        if (!create.replace) return existsAlready(create.reuse);
        this.remove(existing);
      }
      return this.make(place, description);
    } catch (error) {
      return fromError(error);
    }
  }

  private writeTo(object: XrceObject, write: WriteData): boolean {
    switch (object.kind) {
      case "datawriter":
        return object.entity.write(write.payload);
      case "requester":
        return object.entity.request(write.requestId, write.payload);
      case "replier":
        return object.entity.reply(
          decodeSampleIdentity(write.payload),
          write.payload.subarray(SAMPLE_IDENTITY_OCTETS),
        );
      default:
        throw new RosehipError("XRCE_REPRESENTATION", `nothing can be written to a ${object.kind}`);
    }
  }

  private describe(create: Create, littleEndian: boolean): ObjectDescription | Outcome {
    if (kindOf(create.objectId) !== create.objectKind) {
      return failure(Status.ERR_INVALID_DATA, "object id and representation are of different kinds");
    }
    return (
      describe(create, littleEndian, this.host.references) ??
      failure(Status.ERR_UNKNOWN_REFERENCE, "the reference names no profile the agent knows")
    );
  }

  /** Where the object belongs, if its parent and domain are sound and there is room for it. */
  private place(create: Create, description: ObjectDescription): ObjectPlace | Outcome {
    const id = create.objectId;
    if (this.objects.size >= LIMITS.objectsPerClient && !this.objects.has(id)) {
      return failure(Status.ERR_RESOURCES, `a client may have ${LIMITS.objectsPerClient} objects`);
    }
    if (description.kind === "participant") {
      const asked = create.domainId ?? 0;
      const domainId = asked === DOMAIN_FROM_AGENT ? this.host.domainOverride : asked;
      if (domainId >= 0 && domainId <= MAX_DOMAIN) return { id, parentId: 0, domainId };
      return failure(Status.ERR_INVALID_DATA, `domain id ${domainId} is not in 0 to ${MAX_DOMAIN}`);
    }
    const parentId = create.parentId ?? 0;
    const parent = this.objects.get(parentId);
    if (parent === undefined || !PARENT_KINDS[description.kind].includes(kindOf(parentId))) {
      return failure(
        Status.ERR_UNKNOWN_REFERENCE,
        "the parent object does not exist or is of the wrong kind",
      );
    }
    if ("topic" in description && "topicId" in description.topic && !this.topic(description.topic.topicId)) {
      return failure(Status.ERR_UNKNOWN_REFERENCE, "the topic object does not exist");
    }
    return { id, parentId, domainId: parent.domainId };
  }

  private make(place: ObjectPlace, description: ObjectDescription): Outcome | Promise<Outcome> {
    if (description.kind !== "participant") {
      const participant = this.participantOf(place.parentId);
      const resolve = (topicId: number) => this.topic(topicId);
      this.objects.set(place.id, createObject(this.host, place, description, participant, resolve));
      return OK;
    }
    const made = createParticipant(this.host, place, description);
    if (!(made instanceof Promise)) return this.add(made);
    const opening = made
      .then((object) => this.add(object), fromError)
      .finally(() => this.opening.delete(place.id));
    this.opening.set(place.id, opening);
    return opening;
  }

  private add(object: XrceObject): Outcome {
    this.objects.set(object.id, object);
    if (this.closed) this.remove(object);
    return OK;
  }

  private topic(topicId: number): { readonly name: string; readonly type: string } | undefined {
    const object = this.objects.get(topicId);
    return object?.kind === "topic" ? object : undefined;
  }

  private participantOf(objectId: number): ParticipantEntity {
    let object = this.objects.get(objectId);
    while (object !== undefined && object.kind !== "participant") object = this.objects.get(object.parentId);
    if (object === undefined)
      throw new RosehipError("XRCE_REPRESENTATION", "the object belongs to no participant");
    return object.entity;
  }

  private remove(object: XrceObject): void {
    if (object.kind === "participant") object.entity.leave();
    for (const child of [...this.objects.values()]) {
      const isChild = child.parentId === object.id && kindOf(child.id) !== ObjectKind.PARTICIPANT;
      if (isChild && this.objects.has(child.id)) this.remove(child);
    }
    this.objects.delete(object.id);
    this.host.onDeleted(object.id);
    if ("delivery" in object) object.delivery.stop();
    if ("entity" in object) object.entity.close();
  }
}

function existsAlready(reuse: boolean): Outcome {
  if (reuse) return failure(Status.ERR_MISMATCH, "the object exists and is described otherwise");
  return failure(Status.ERR_ALREADY_EXISTS, "the object exists");
}

const isSame = (existing: XrceObject, description: ObjectDescription, place: ObjectPlace): boolean =>
  existing.parentId === place.parentId &&
  existing.domainId === place.domainId &&
  JSON.stringify(existing.description) === JSON.stringify(description);

function fromError(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  const invalid =
    error instanceof DecodeError || (error instanceof RosehipError && error.code.startsWith("XRCE_"));
  const remedy = error instanceof RosehipError ? error.remedy : undefined;
  return {
    ...failure(invalid ? Status.ERR_INVALID_DATA : Status.ERR_DDS_ERROR, reason),
    ...(remedy === undefined ? {} : { remedy }),
  };
}
