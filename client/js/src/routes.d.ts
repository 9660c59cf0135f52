// From a path as it is written to the route that it means, in types alone.

import type { Route } from "./index.js";

type Segments<Path extends string> = Path extends `${infer Head}/${infer Rest}`
  ? [Head, ...Segments<Rest>]
  : [Path];

/** `{jobId}:close` takes any segment that ends in `:close`, `{jobId}` any one without a verb. */
type SegmentFits<Written, Declared> = Declared extends `{${string}}${infer Verb}`
  ? Verb extends ""
    ? Written extends `${string}:${string}` ? false : true
    : Written extends `${string}${Verb}` ? true : false
  : Written extends Declared ? true : false;

type Fits<Written, Declared> = Written extends [infer Head, ...infer Rest]
  ? Declared extends [infer DeclaredHead, ...infer DeclaredRest]
    ? SegmentFits<Head, DeclaredHead> extends true ? Fits<Rest, DeclaredRest> : false
    : false
  : Declared extends [] ? true : false;

/** The declared path that a written one means; never where there is none. */
export type Meant<Routes, Path extends string> = Path extends keyof Routes
  ? Path
  : { [Declared in keyof Routes & string]:
        Fits<Segments<Path>, Segments<Declared>> extends true ? Declared : never
    }[keyof Routes & string];

/** The path itself if a route has it; else the paths that there are, for the error message. */
export type Known<Routes, Path extends string> =
  [Meant<Routes, Path>] extends [never] ? keyof Routes & string : Path;

/** The route that a path means. */
export type RouteOf<Routes, Path extends string> =
  Routes[Meant<Routes, Path> & keyof Routes] extends infer Found extends Route ? Found : never;
