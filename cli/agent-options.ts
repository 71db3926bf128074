import { type Command, InvalidArgumentError, Option } from "commander";
import type { Verbosity } from "./log.js";
import { type OverrideOptions, withOverrideOptions } from "./override-options.js";

/** Options all transports share; short names are the Micro XRCE-DDS Agent's. */
export interface CommonOptions extends OverrideOptions {
  readonly verbose: Verbosity;
  readonly logJson?: boolean;
  readonly refs?: string;
  readonly middleware?: string;
  readonly discovery?: string | true;
  readonly lease?: number;
}

/** The port micro-ROS's documentation and scripts use. */
export const DEFAULT_PORT = 8888;
export const DEFAULT_BAUD_RATE = 115_200;

export function integer(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted.`);
  }
  return value;
}

export const parsePort = (text: string): number => integer(text, 1, 65_535);
export const parseBaudRate = (text: string): number => integer(text, 50, 20_000_000);

function parseLease(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 1 && value <= 86_400) return value;
  throw new InvalidArgumentError("a number of seconds from 1 to 86400 is wanted.");
}

export function parseVerbosity(text: string): Verbosity {
  return integer(text, 0, 6) as Verbosity;
}

function parseMiddleware(text: string): string {
  if (text !== "dds" && text !== "rtps") {
    throw new InvalidArgumentError(
      "this agent has one middleware, DDSI-RTPS: give dds or rtps, or leave -m out.",
    );
  }
  return text;
}

/**
 * Adds what every transport of the Micro XRCE-DDS Agent takes, so that scripts written for it go on working. They are
 * options of the command above the transports, which takes them wherever they stand: read them with optsWithGlobals.
 */
export function withCommonOptions(command: Command): Command {
  return withOverrideOptions(command)
    .option(
      "-v, --verbose <level>",
      "0 silent, 1 critical, 2 error, 3 warning, 4 info, 5 debug, 6 trace",
      parseVerbosity,
      4,
    )
    .option("-r, --refs <file>", "XML profiles that clients may create entities from by name")
    .option("--log-json", "log JSON lines instead of text")
    .option(
      "--lease <seconds>",
      "a board that has said nothing for so long, and does not answer, is gone",
      parseLease,
    )
    .addOption(
      new Option("-m, --middleware <kind>", "accepted for compatibility")
        .argParser(parseMiddleware)
        .hideHelp(),
    )
    .addOption(new Option("-d, --discovery [port]", "accepted for compatibility").hideHelp());
}

export function withBaudRate(command: Command): Command {
  return command.option("-b, --baudrate <baud>", "bits per second", parseBaudRate, DEFAULT_BAUD_RATE);
}

/** `--devs "/dev/ttyUSB0 /dev/ttyUSB1"`, `--devs a,b` and `--devs a b` all name the same two devices. */
export function splitDevices(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(/[\s,]+/)).filter((device) => device !== "");
}
