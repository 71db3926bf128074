/** Writes all that the C tests read into the folder given; fixtures.py runs it. */
import { assembleEngineApps } from "../test_engine_apps.js";
import { compileRuntimeApp } from "../test_runtime_apps.js";
import { writeCaptures } from "../vectors.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: fixtures FOLDER");
await Promise.all([writeCaptures(folder), assembleEngineApps(folder), compileRuntimeApp(folder)]);
