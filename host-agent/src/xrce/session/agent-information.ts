import type { GetInfo } from "../message/get-info.js";
import { INFO_ACTIVITY, INFO_CONFIGURATION } from "../message/get-info.js";
import type { Identification } from "../message/identification.js";
import type { Info } from "../message/info.js";
import { OBJECTID_AGENT, OBJECTID_CLIENT } from "../message/object-id.js";
import { Status, XRCE_COOKIE, XRCE_VENDOR, XRCE_VERSION } from "../message/protocol.js";

/** What the agent says of itself in STATUS_AGENT and INFO. */
export const AGENT_IDENTIFICATION: Identification = {
  cookie: XRCE_COOKIE,
  versionMajor: XRCE_VERSION.major,
  versionMinor: XRCE_VERSION.minor,
  vendor: XRCE_VENDOR,
};

/**
 * The answer to GET_INFO (DDS-XRCE 1.0, 8.3.5.3 and 8.3.5.7): of the agent what the mask asks for, of an object whether it
 * exists. The implementation status is 1 if the asker's session is known, as Micro XRCE-DDS clients expect it.
 * @param exists whether the client has an object of that id
 */
export function answerGetInfo(
  request: GetInfo,
  inSession: boolean,
  exists: (objectId: number) => boolean,
): Info {
  const { requestId, objectId, mask } = request;
  const itself = objectId === OBJECTID_AGENT || (objectId === OBJECTID_CLIENT && inSession);
  const known = itself || exists(objectId);
  return {
    kind: "info",
    requestId,
    objectId,
    status: known ? Status.OK : Status.ERR_UNKNOWN_REFERENCE,
    implementationStatus: inSession ? 1 : 0,
    ...(objectId === OBJECTID_AGENT && (mask & INFO_CONFIGURATION) !== 0
      ? { configuration: AGENT_IDENTIFICATION }
      : {}),
    ...(objectId === OBJECTID_AGENT && (mask & INFO_ACTIVITY) !== 0
      ? { activity: { availability: 1, addresses: 0 } }
      : {}),
  };
}
