// What a learner would write for each step in PyTorch, with this model's numbers; the step's own lines are marked.

import { hasLayerScale, isDistilled, stageBefore } from "./context.js";
import { hiddenOf, poolOf } from "./say.js";

/** @import {Context} from "./context.js" */

/**
 * A line of code, and whether it is the step's.
 * @typedef {{text: string, isNow: boolean}} Line
 */

/** @param {string} kinds of the steps that the line does, or "" @param {string} text @returns {[string, string]} */
const line = (kinds, text) => [kinds, text];

/** @param {Context} context @returns {Line[]} */
export function pytorchOf(context) {
  return snippetOf(context).map(([kinds, text]) => ({
    text,
    isNow: kinds.split(" ").includes(partOf(context)),
  }));
}

/** Two norms and two sums of a block are different lines. @param {Context} context */
function partOf({ kind, step, prefix }) {
  if (!prefix) return kind;
  const name = step.site.slice(prefix.length);
  return ["norm1", "norm2", "mid", "out"].includes(name) ? name : kind;
}

/** @param {Context} context @returns {[string, string][]} */
function snippetOf(context) {
  const { kind, prefix, layer } = context;
  if (["norm", "residual", "mlp"].includes(kind) && prefix) {
    return block(context);
  }
  if (prefix) return layer.windows ? windowed(context) : global(context);
  return outside(context);
}

/** @param {Context} context @returns {[string, string][]} */
function block(context) {
  const { layer } = context;
  const scaled = (/** @type {number} */ half) =>
    hasLayerScale(context) ? ` * gamma${half}` : "";
  return [
    line("norm1", "y = norm1(x)"),
    line("mid", `x = x + attn(y)${scaled(1)}`),
    line("norm2", "y = norm2(x)"),
    line(
      "mlp",
      `h = F.gelu(fc1(y))    # ${layer.dim} -> ${hiddenText(context)}`,
    ),
    line("out mlp", `x = x + fc2(h)${scaled(2)}    # back to ${layer.dim}`),
  ];
}

/** @param {Context} context */
function hiddenText(context) {
  return context.kind === "mlp" ? hiddenOf(context) : "4 x that";
}

/** @param {Context} context @returns {[string, string][]} */
function global({ layer, keys, headDim }) {
  const { heads, dim } = layer;
  return [
    line("qkv", `qkv = nn.Linear(${dim}, ${3 * heads * headDim})(y)`),
    line("qkv", `q, k, v = qkv.view(${keys}, 3, ${heads}, ${headDim}) \\`),
    line("qkv", `             .permute(1, 2, 0, 3)`),
    line("scores", `s = q @ k.transpose(1, 2)   # ${heads}, ${keys}, ${keys}`),
    line("scores", `s = s / ${headDim} ** 0.5`),
    line("softmax", "a = s.softmax(dim=-1)       # each row: 1"),
    line("mix", `o = (a @ v).transpose(0, 1) # ${keys}, ${heads}, ${headDim}`),
    line("mix", `o = o.flatten(1)            # ${keys}, ${heads * headDim}`),
    line("project", `z = nn.Linear(${heads * headDim}, ${dim})(o)`),
  ];
}

/** @param {Context} context @returns {[string, string][]} */
function windowed({ layer, keys, headDim }) {
  const { heads, dim, windows, grid } = layer;
  if (!windows) return [];
  const { rows, columns, shift, padded } = windows;
  const isShifted = shift.rows + shift.columns > 0;
  const isPadded = padded.rows !== grid.rows || padded.columns !== grid.columns;
  const down = padded.rows / rows;
  const across = padded.columns / columns;
  const count = down * across;
  const width = heads * headDim;
  const roll = `(${-shift.rows}, ${-shift.columns})`;
  const back = `(${shift.rows}, ${shift.columns})`;
  /** @param {boolean} isThere @param {[string, string]} one @returns {[string, string][]} */
  const where = (isThere, one) => (isThere ? [one] : []);
  return [
    line("windows", `y = y.view(${grid.rows}, ${grid.columns}, ${dim})`),
    ...where(isShifted, line("windows", `y = y.roll(${roll}, dims=(0, 1))`)),
    ...where(
      isPadded,
      line(
        "windows",
        `y = F.pad(y, (0, 0, 0, ${padded.columns - grid.columns}, 0, ${padded.rows - grid.rows}))`,
      ),
    ),
    line(
      "windows",
      `y = y.view(${down}, ${rows}, ${across}, ${columns}, ${dim})`,
    ),
    line("windows", `y = y.transpose(1, 2).reshape(${count}, ${keys}, ${dim})`),
    line(
      "qkv",
      `q, k, v = qkv(y).view(${count}, ${keys}, 3, ${heads}, ${headDim}) \\`,
    ),
    line("qkv", `                .permute(2, 0, 3, 1, 4)`),
    line("scores", `s = q @ k.transpose(2, 3) / ${headDim} ** 0.5`),
    line("bias sum", `s = s + table[index].permute(2, 0, 1)`),
    ...where(
      isShifted,
      line("mask sum", "s = s + mask[:, None]       # 0 or -100"),
    ),
    line("softmax", "a = s.softmax(dim=-1)"),
    line(
      "mix",
      `o = (a @ v).transpose(1, 2) # ${count}, ${keys}, ${heads}, ${headDim}`,
    ),
    line(
      "mix",
      `o = o.reshape(${down}, ${across}, ${rows}, ${columns}, ${width})`,
    ),
    line(
      "mix",
      `o = o.transpose(1, 2).reshape(${padded.rows}, ${padded.columns}, ${width})`,
    ),
    ...where(isPadded, line("mix", `o = o[:${grid.rows}, :${grid.columns}]`)),
    ...where(isShifted, line("mix", `o = o.roll(${back}, dims=(0, 1))`)),
    line("project", `z = nn.Linear(${width}, ${dim})(o)`),
  ];
}

/** @param {Context} context @returns {[string, string][]} */
function outside(context) {
  const { kind, description, layer, step } = context;
  const { patch, input, grid, prefix } = description;
  const { dim } = layer;
  switch (kind) {
    case "input":
      return [
        line("", "x = resize_and_crop(photo)"),
        line(
          "input",
          `x = x / 255                # 3, ${input.height}, ${input.width}`,
        ),
        line("input", "x = (x - mean) / std"),
      ];
    case "patch-embed": {
      const size = `(${patch.height}, ${patch.width})`;
      return [
        line(
          "patch-embed",
          `E = nn.Conv2d(3, ${step.shape[1]}, ${size}, ${size})`,
        ),
        line(
          "patch-embed",
          `x = E(photo)               # ${step.shape[1]}, ${grid.rows}, ${grid.columns}`,
        ),
        line(
          "patch-embed",
          `x = x.flatten(1).T         # ${step.shape[0]}, ${step.shape[1]}`,
        ),
      ];
    }
    case "pos-embed":
      return [
        ...(prefix.length > 0
          ? [line("pos-embed", `x = torch.cat([${prefixNames(prefix)}, x])`)]
          : []),
        line(
          "pos-embed",
          `x = x + pos_embed          # ${step.shape.join(", ")}`,
        ),
      ];
    case "merge":
      return [
        ...oddPadding(context),
        line("merge", "x = torch.cat([x[0::2, 0::2],"),
        line("merge", "               x[1::2, 0::2],"),
        line("merge", "               x[0::2, 1::2],"),
        line("merge", "               x[1::2, 1::2]], -1)"),
        line("merge", `x = nn.Linear(${2 * dim}, ${dim}, bias=False)(norm(x))`),
      ];
    case "norm":
      return step.parameters > 0
        ? [
            line("norm", "mu  = x.mean(-1, keepdim=True)"),
            line("norm", "var = x.var(-1, correction=0, keepdim=True)"),
            line("norm", "y   = (x - mu) / (var + eps).sqrt()"),
            line("norm", "y   = y * weight + bias"),
          ]
        : [line("norm", "y = x                      # nn.Identity()")];
    case "pool":
      return [line("pool", poolLine(context))];
    default:
      if (description.num_classes === 0) {
        return [line("head", "features = z               # no head")];
      }
      return [
        ...(isDistilled(context)
          ? [
              line("head", `cls  = nn.Linear(${dim}, ${step.shape[0]})(z[0])`),
              line("head", `dist = nn.Linear(${dim}, ${step.shape[0]})(z[1])`),
              line("head", "logits = (cls + dist) / 2"),
            ]
          : [line("head", `logits = nn.Linear(${dim}, ${step.shape[0]})(z)`)]),
        line("head", "p = logits.softmax(dim=-1)"),
      ];
  }
}

/** An odd map is continued by zeros. @param {Context} context @returns {[string, string][]} */
function oddPadding(context) {
  const { rows = 0, columns = 0 } = stageBefore(context)?.grid ?? {};
  if (rows % 2 === 0 && columns % 2 === 0) return [];
  return [
    line("merge", `x = F.pad(x, (0, 0, 0, ${columns % 2}, 0, ${rows % 2}))`),
  ];
}

/** @param {string[]} prefix */
function prefixNames(prefix) {
  const names = prefix.map((name) =>
    /class/.test(name)
      ? "cls_token"
      : /dist/.test(name)
        ? "dist_token"
        : "reg_tokens",
  );
  return [...new Set(names)].join(", ");
}

/** @param {Context} context */
function poolLine(context) {
  const first = context.description.prefix.length;
  switch (poolOf(context)) {
    case "token":
      return "z = x[0]                   # the class token";
    case "distilled":
      return "z = x[:2]                  # class, distillation";
    default:
      return `z = x${first > 0 ? `[${first}:]` : ""}.mean(0)`;
  }
}
