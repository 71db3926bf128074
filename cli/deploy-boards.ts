import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "../host-agent/src/agent.js";
import type { Network } from "../host-agent/src/bridge/network.js";
import { RosehipError } from "../host-agent/src/errors.js";
import type { RtpsNetwork } from "../host-agent/src/rtps/network.js";
import { keyName } from "../host-agent/src/xrce/message/client-key.js";
import { lookupTypeHash } from "../toolchain/interface/lookup.js";
import { DeployService } from "./deploy-service.js";
import { openGraph } from "./graph.js";
import { openLog } from "./log.js";

/** Where the board is. */
export interface BoardAddress {
  /** Serial device: this process is the agent for it. Otherwise an agent that runs already. */
  readonly device?: string;
  readonly baudRate: number;
  /** Client key, or name of a node of its app. Not needed if there is one board only. */
  readonly board?: string;
  readonly timeoutMs: number;
}

/** A board that can be deployed to, until it is closed. */
export interface OpenBoard {
  readonly service: DeployService;
  close(): Promise<void>;
}

/** Others on the graph are discovered at about the same time as the first one. */
const SETTLE_MS = 300;
const LOOK_AGAIN_MS = 20;

/** @throws DEPLOY_NO_BOARD, DEPLOY_WHICH_BOARD, XRCE_TRANSPORT_OPEN */
export async function openBoard(address: BoardAddress): Promise<OpenBoard> {
  return address.device === undefined
    ? openOnGraph(address)
    : openAtDevice(address, address.device, keyOf(address.board));
}

function keyOf(board: string | undefined): string | undefined {
  return board !== undefined && /^[0-9a-f]{8}$/i.test(board) ? board.toLowerCase() : undefined;
}

// ---- Through the graph --------------------------------------------------------------------------------------------

async function openOnGraph(address: BoardAddress): Promise<OpenBoard> {
  const network = await openGraph(openLog(3));
  try {
    const service = await findService(network, address);
    return {
      service,
      close: () => {
        service.close();
        return network.close();
      },
    };
  } catch (error) {
    await network.close();
    throw error;
  }
}

async function findService(network: RtpsNetwork, { board, timeoutMs }: BoardAddress): Promise<DeployService> {
  const key = keyOf(board);
  if (key !== undefined) return connect(network, key, timeoutMs);
  const keys = await discover(network, timeoutMs);
  if (board === undefined) {
    const [only = "", ...others] = keys;
    if (others.length === 0) return connect(network, only, timeoutMs);
    throw new RosehipError("DEPLOY_WHICH_BOARD", `there are ${keys.length} boards: ${keys.join(", ")}`, {
      remedy: "Say which one with --board.",
    });
  }
  return boardWithNode(network, keys, board, timeoutMs);
}

/**
 * The board whose app has a node of this name. All are asked at the same time; those that do not answer are none of it.
 * @param keys of the boards there are
 * @throws DEPLOY_NO_BOARD, DEPLOY_WHICH_BOARD
 */
export async function boardWithNode(
  network: Network,
  keys: readonly string[],
  node: string,
  timeoutMs: number,
): Promise<DeployService> {
  const asked = await Promise.allSettled(keys.map((key) => askNodes(network, key, timeoutMs)));
  const boards = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const wanted = boards.filter(({ nodes }) => nodes.includes(node) || nodes.includes(`/${node}`));
  const [only, ...others] = wanted;
  for (const board of boards) if (board !== only || others.length > 0) board.service.close();
  if (only === undefined) throw noSuchNode(node, keys, asked);
  if (others.length === 0) return only.service;
  const known = wanted.map(({ service }) => service.key).join(", ");
  throw new RosehipError("DEPLOY_WHICH_BOARD", `${wanted.length} boards have a node of this name: ${known}`, {
    where: node,
    remedy: "Give the key of the one that is meant with --board.",
  });
}

async function askNodes(network: Network, key: string, timeoutMs: number) {
  const service = await connect(network, key, timeoutMs);
  try {
    return { service, nodes: (await service.ask("info")).nodes };
  } catch (error) {
    service.close();
    throw error;
  }
}

function noSuchNode(
  node: string,
  keys: readonly string[],
  asked: readonly PromiseSettledResult<unknown>[],
): RosehipError {
  const silent = keys.filter((_, index) => asked[index]?.status === "rejected");
  const cause = asked.find((one) => one.status === "rejected")?.reason;
  const rest = silent.length === 0 ? "" : `, of which ${silent.join(", ")} did not answer`;
  return new RosehipError(
    "DEPLOY_NO_BOARD",
    `no board has a node of this name; there are ${keys.join(", ")}${rest}`,
    {
      where: node,
      remedy: "Give the name as `ros2 node list` shows it, or the board's key.",
      ...(cause !== undefined && { cause }),
    },
  );
}

async function connect(network: Network, key: string, timeoutMs: number): Promise<DeployService> {
  const service = new DeployService(network, key);
  try {
    await service.waitForBoard(timeoutMs);
    return service;
  } catch (cause) {
    service.close();
    throw noBoard(`board ${key}`, cause);
  }
}

/** Keys of all boards on the graph that take apps, at least one. */
async function discover(network: RtpsNetwork, timeoutMs: number): Promise<string[]> {
  const find = () => [
    ...new Set(
      network
        .graph()
        .endpoints.map(({ topic }) => /^rq\/_rosehip\/_([0-9a-f]{8})\/deployRequest$/.exec(topic)?.[1])
        .filter((key) => key !== undefined),
    ),
  ];
  for (const deadline = performance.now() + timeoutMs; find().length === 0; await sleep(LOOK_AGAIN_MS)) {
    if (performance.now() > deadline) throw noBoard("the ROS 2 graph");
  }
  await sleep(SETTLE_MS);
  return find().sort();
}

function noBoard(where: string, cause?: unknown): RosehipError {
  return new RosehipError("DEPLOY_NO_BOARD", "no board here takes apps over the link", {
    where,
    remedy:
      "See that it is connected, that its agent runs in the same ROS_DOMAIN_ID (or give its port with --dev), and that its " +
      "firmware has flash for apps and the interpreter: an app that is compiled in cannot be replaced.",
    ...(cause !== undefined && { cause }),
  });
}

// ---- At a serial device -------------------------------------------------------------------------------------------

interface ConnectedBoard {
  readonly key: string;
  readonly domainId: number;
}

/** An agent for the board at `device` alone, and who that board is. */
function agentAt(device: string, baudRate: number, timeoutMs: number) {
  const log = openLog(3);
  const board: Partial<Record<"key", string> & Record<"domainId", number>> = {};
  let found: (board: ConnectedBoard) => void = () => {};
  const look = () => {
    const { key, domainId } = board;
    if (key !== undefined && domainId !== undefined) found({ key, domainId });
  };
  const agent = new Agent({
    serial: [{ path: device, baudRate }],
    openNetwork: (domainId) => {
      board.domainId = domainId;
      look();
      return openGraph(log, domainId);
    },
    onEvent: (event) => {
      if (event.type !== "client_connected") return;
      board.key = keyName(event.clientKey).toLowerCase();
      look();
    },
    log,
    lookupTypeHash,
  });
  const connected = () =>
    new Promise<ConnectedBoard>((resolve, reject) => {
      const timer = setTimeout(() => reject(noBoard(device)), timeoutMs);
      found = (one) => {
        clearTimeout(timer);
        resolve(one);
      };
      look();
    });
  return { agent, connected };
}

async function openAtDevice(
  { baudRate, timeoutMs }: BoardAddress,
  device: string,
  wanted: string | undefined,
): Promise<OpenBoard> {
  const { agent, connected } = agentAt(device, baudRate, timeoutMs);
  await agent.open();
  let network: Network | undefined;
  try {
    const board = await connected();
    if (wanted !== undefined && wanted !== board.key) {
      throw new RosehipError("DEPLOY_NO_BOARD", `the board there is ${board.key}, not ${wanted}`, {
        where: device,
      });
    }
    network = await openGraph(openLog(3), board.domainId);
    const service = await connect(network, board.key, timeoutMs);
    return {
      service,
      close: async () => {
        service.close();
        await Promise.all([network?.close(), agent.close()]);
      },
    };
  } catch (error) {
    await Promise.all([network?.close(), agent.close()]);
    throw error;
  }
}
