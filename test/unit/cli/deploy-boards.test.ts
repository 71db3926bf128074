/** Which of several boards is meant, by the name of a node of its app. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { boardWithNode } from "../../../cli/deploy-boards.js";
import { serviceName } from "../../../cli/deploy-service.js";
import { serviceTypes } from "../../../cli/service-types.js";
import { projectRoot } from "../../../toolchain/project.js";
import { FakeNetwork } from "./fake-network.js";

const { codec } = serviceTypes("rosehip_interfaces/srv/Deploy", projectRoot).response;
/** Longer than all that is waited for: a board to be there, and two tries to ask it. */
const ALL_OVER_MS = 20_000;

describe("the board with a node", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  /** @param boards names of the nodes of each; undefined: it says nothing, "absent": it is no longer there */
  function graph(boards: Readonly<Record<string, string[] | "absent" | undefined>>) {
    const network = new FakeNetwork();
    for (const [key, nodes] of Object.entries(boards)) {
      if (nodes !== "absent") network.serve(serviceName(key), () => nodes && codec.encode({ nodes }));
    }
    const find = async (node: string) => {
      const found = boardWithNode(network, Object.keys(boards), node, 1000);
      found.catch(() => undefined);
      await vi.advanceTimersByTimeAsync(ALL_OVER_MS);
      return found;
    };
    return { network, find };
  }

  it.each(["camera", "/camera"])("is found by %s although one before it does not answer", async (node) => {
    const { network, find } = graph({
      "00000001": "absent",
      "00000002": undefined,
      "00000003": ["/arm"],
      "00000004": ["/lidar", "/camera"],
    });
    const service = await find(node);
    expect(service.key).toBe("00000004");
    expect(network.nodes.size).toBe(1);
    service.close();
  });

  it("is not guessed if two have it", async () => {
    const { network, find } = graph({ "0000000a": ["/arm"], "0000000b": ["/arm"], "0000000c": ["/leg"] });
    await expect(find("arm")).rejects.toMatchObject({
      code: "DEPLOY_WHICH_BOARD",
      message: "2 boards have a node of this name: 0000000a, 0000000b",
      where: "arm",
      remedy: expect.stringContaining("--board"),
    });
    expect(network.nodes.size).toBe(0);
  });

  it("is missed with the keys of those that are there, and of those that did not answer", async () => {
    const { network, find } = graph({ "0000000a": ["/arm"], "0000000b": undefined });
    await expect(find("leg")).rejects.toMatchObject({
      code: "DEPLOY_NO_BOARD",
      message:
        "no board has a node of this name; there are 0000000a, 0000000b, of which 0000000b did not answer",
      cause: { code: "DEPLOY_NO_ANSWER" },
    });
    expect(network.nodes.size).toBe(0);
  });
});
