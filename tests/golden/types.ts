// The parts of the plugins in generated-config.ts, without what the host says itself.

// ───────────────────────────────────────────────────────────────────────────── acme__types 1.0.0: types
export declare namespace AcmeTypes {
  interface Cat {
    kind: "cat";
    /**
     * How many are left.
     * @minimum 1 @maximum 9
     */
    lives: number;
  }

  interface CatInput {
    /** @default "cat" */
    kind?: "cat";
    /**
     * How many are left.
     * @minimum 1 @maximum 9 @default 9
     */
    lives?: number;
  }

  interface Circle {
    type: "circle";
    /**
     * In metres.
     * @exclusiveMinimum 0
     */
    radius: number;
  }

  /** What can be seen. */
  type Color = "red" | "green";

  interface Dog {
    kind: "dog";
    called: string;
  }

  interface DogInput {
    /** @default "dog" */
    kind?: "dog";
    called: string;
  }

  interface Everything {
    times: AcmeTypes.Times;
    shape: AcmeTypes.Circle | AcmeTypes.Group;
    point: AcmeTypes.Point;
    size: AcmeTypes.Size;
    span: AcmeTypes.Range;
    style: AcmeTypes.Style;
    levels: AcmeTypes.Level[];
    pair: [number, string];
    mayLack?: number;
  }

  interface EverythingInput {
    times: AcmeTypes.Times;
    shape: AcmeTypes.Circle | AcmeTypes.GroupInput;
    point: AcmeTypes.PointInput;
    size: AcmeTypes.SizeInput;
    span: AcmeTypes.RangeInput;
    style: AcmeTypes.Style;
    levels: AcmeTypes.Level[];
    pair: [number, string];
    mayLack?: number;
  }

  interface Group {
    type: "group";
    shapes: (AcmeTypes.Circle | AcmeTypes.Group)[];
  }

  interface GroupInput {
    type: "group";
    /** @default [] */
    shapes?: (AcmeTypes.Circle | AcmeTypes.GroupInput)[];
  }

  type Level = "high" | "low";

  /** Has a pet, and maybe heirs. */
  interface Owner {
    pet: AcmeTypes.Cat | AcmeTypes.Dog;
    heirs: AcmeTypes.Owner[];
    email: string | null;
    more: { [key: string]: unknown };
  }

  /** Has a pet, and maybe heirs. */
  interface OwnerInput {
    pet: AcmeTypes.CatInput & { kind: "cat" } | AcmeTypes.DogInput & { kind: "dog" };
    /** @default [] */
    heirs?: AcmeTypes.OwnerInput[];
    /** @default null */
    email?: string | null;
    /** @default {} */
    more?: { [key: string]: unknown };
  }

  interface PageEverything {
    items: AcmeTypes.Everything[];
    next: string | null;
  }

  interface Point {
    x: number;
    y: number;
    labels: { [key in AcmeTypes.Color]?: string };
  }

  interface PointInput {
    x: number;
    /** @default 0 */
    y?: number;
    /** @default {} */
    labels?: { [key in AcmeTypes.Color]?: string };
  }

  type Range = [number, number | null];

  type RangeInput = [number, (number | null)?];

  interface Size {
    width: number;
    height: number;
  }

  interface SizeInput {
    width: number;
    /** @default 1 */
    height?: number;
  }

  interface Style {
    color: AcmeTypes.Color;
    bold?: boolean;
  }

  /** What JSON has no type for. */
  interface Times {
    id: UUID;
    price: Decimal;
    day: DateOnly;
    at: DateTime;
    dailyAt: TimeOnly;
    lasting: Duration;
    content: Base64;
  }
}
