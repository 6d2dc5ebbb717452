// The graph: the resources of a composite, and which reads what of which.

import { type Graph, graphRequest } from "../protocol";
import type { Kind } from "./panel";

export const graph: Kind<Graph> = {
  viewType: "tessera.graph",
  script: "graph",
  title: "Graph",
  ask: (client, state, token) =>
    client.sendRequest(
      graphRequest,
      {
        textDocument: { uri: state.uri },
        ...(state.composite === undefined ? {} : { composite: state.composite }),
      },
      token,
    ),
  message: (answer, state, name) => ({ type: "graph", graph: answer, state, name }),
  places: answer => answer.nodes.map(node => node.source),
};
