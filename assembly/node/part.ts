/**
 * Something that only the nodes that use it have. `Node` knows it by this class alone: a field of its own type would put
 * its code into every app.
 */
export abstract class NodePart {}
