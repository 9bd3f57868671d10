// Flags that gcc has and clang does not: which of them can be left out without changing what a program does. Made by
// comparing the lists of gcc 12, 14 and 15 (`gcc --help=optimizers,common,target,c,c++,warnings`) with clang 22;
// test/config/gcc-flags.test.ts checks the list of the installed gcc.

const words = (text: string) => text.trim().split(/\s+/);

/** Names after -f or -fno-. A '=' at the end means: only with a value; a '*': all names that begin so. */
const F = words(`
  ada-spec-parent= aggressive-loop-optimizations align-jumps align-jumps= align-labels align-labels= align-loops all-virtual
  allocation-dce allow-parameterless-variadic-functions allow-store-data-races alt-external-templates analyzer*
  argument-alias argument-noalias argument-noalias-anything argument-noalias-global
  assume-sane-operators-new-delete auto-inc-dec avoid-store-forwarding bit-tests branch-count-reg
  branch-probabilities branch-target-load-optimize branch-target-load-optimize2 btr-bb-exclusive building-libgcc caller-saves
  callgraph-info* canon-prefix-map canonical-system-headers check-data-deps check-pointer-bounds checking
  checking= chkp-* cilkplus code-hoisting combine-stack-adjustments compare-debug* compare-elim concepts*
  cond-mismatch conserve-space conserve-stack constexpr-cache-depth= constexpr-fp-except constexpr-loop-limit=
  constexpr-ops-limit= contracts cprop-registers crossjumping cse-follow-jumps cse-skip-blocks dbg-cnt* dce
  debug-cpp declone-ctor-dtor deduce-init-list default-inline defer-pop delayed-branch delete-dead-exceptions
  deps-file= deps-format= deps-target= devirtualize devirtualize-at-ltrans diagnostics-add-output=
  diagnostics-all-candidates diagnostics-column-origin= diagnostics-column-unit= diagnostics-escape-format=
  diagnostics-generate-patch diagnostics-json-formatting diagnostics-minimum-margin-width=
  diagnostics-path-format= diagnostics-plain-output diagnostics-set-output= diagnostics-show-caret
  diagnostics-show-cwe diagnostics-show-event-links diagnostics-show-highlight-colors diagnostics-show-labels
  diagnostics-show-path-depths diagnostics-show-rules diagnostics-text-art-charset= disable-ipa-* disable-rtl-*
  disable-tree-* dse dump-* early-inlining eliminate-dwarf2-dups emit-class-debug-always
  emit-struct-debug-baseonly emit-struct-debug-detailed= emit-struct-debug-reduced enable-ipa-* enable-rtl-*
  enable-tree-* enforce-eh-specs enum-int-equiv expensive-optimizations ext-dce ext-numeric-literals
  extern-tls-init external-templates float-store fold-mem-offsets fold-simple-inlines forward-propagate
  fp-int-builtin-inexact function-cse gcse gcse-after-reload gcse-las gcse-lm gcse-sm gimple gnat-encodings= gnu-tm gnu-unique
  graphite graphite-identity guess-branch-probability guiding-decls hardcfr-* harden-compares
  harden-conditional-branches harden-control-flow-redundancy hardened hoist-adjacent-loads honor-std huge-objects
  if-conversion if-conversion2 immediate-escalation implicit-constexpr implicit-inline-templates indirect-inlining
  inhibit-size-directive inline-atomics inline-functions-called-once inline-limit-* inline-limit=
  inline-small-functions inline-stringops inline-stringops= instrument-functions-once ipa-* ira-*
  isolate-erroneous-paths-attribute isolate-erroneous-paths-dereference ivopts keep-gc-roots-live
  keep-inline-functions keep-static-functions labels-ok lang-info-* large-source-files late-combine-instructions
  lifetime-dse lifetime-dse= limit-function-alignment live-patching live-patching= live-range-shrinkage loop-block
  loop-flatten loop-nest-optimize loop-optimize loop-parallelize-all loop-strip-mine loop-unroll-and-jam lra-remat
  lto-* malloc-dce malloc-dce= max-identifier-length= max-include-depth= mem-report* merge-constants
  merge-debug-strings module-implicit-inline module-lazy module-mapper= module-version-ignore modules-ts
  modulo-sched modulo-sched-allow-regmoves move-loop-invariants move-loop-stores mudflapir multiflags name-mangling-version-*
  new-abi new-inheriting-ctors new-ttp-matching nonansi-builtins nonnull-objects nothrow-opt offload-abi*
  offload-options* offload= openacc-dim= openmp-target-simd-clone openmp-target-simd-clone= opt-info* optimize-crc
  optimize-register-move optimize-strlen optional-diags partial-inlining path-coverage-limit= pch-deps peel-loops
  peephole peephole2 permitted-flt-eval-methods= plan9-extensions post-ipa-mem-report pre-ipa-mem-report
  predictive-commoning prefetch-loop-arrays pretty-templates printf-return-value profile-abs-path
  profile-correction profile-info-section profile-info-section= profile-note= profile-partial-training
  profile-prefix-map= profile-prefix-path= profile-reorder-functions profile-report profile-reproducible=
  profile-values random-seed ree regmove rename-registers reorder-blocks reorder-blocks-algorithm=
  reorder-blocks-and-partition reorder-functions repo report-bug rerun-cse-after-loop rerun-loop-opt
  reschedule-modulo-scheduled-loops sched* search-include-path search-include-path= section-anchors sel-sched-*
  selective-scheduling selective-scheduling2 shrink-wrap shrink-wrap-separate signaling-nans simd-cost-model=
  single-precision-constant split-ivs-in-unroller split-loops split-paths split-wide-types split-wide-types-early
  squangle ssa-backprop ssa-phiopt stack-limit stack-reuse= stats stdarg-opt store-merging strength-reduce
  strict-flex-arrays strict-prototype strict-volatile-bitfields strong-eval-order sync-libcalls this-is-variable
  thread-jumps toplevel-reorder tracer track-macro-expansion track-macro-expansion= trampoline* tree-bit-ccp
  tree-builtin-call-dce tree-ccp tree-ch tree-coalesce-inlined-vars tree-coalesce-vars tree-copy-prop
  tree-copyrename tree-cselim tree-dce tree-dominator-opts tree-dse tree-forwprop tree-fre
  tree-loop-distribute-patterns tree-loop-distribution tree-loop-if-convert tree-loop-if-convert-stores
  tree-loop-im tree-loop-ivcanon tree-loop-linear tree-loop-optimize tree-loop-vectorize tree-lrs
  tree-parallelize-loops= tree-partial-pre tree-phiprop tree-pre tree-pta tree-reassoc tree-scev-cprop tree-sink
  tree-slsr tree-sra tree-store-ccp tree-store-copy-prop tree-switch-conversion tree-tail-merge tree-ter
  tree-vect-loop-version tree-vectorizer-verbose= tree-vrp unconstrained-commons unit-at-a-time unreachable-traps
  unroll-all-loops unroll-completely-grow-size unsafe-loop-optimizations unswitch-loops use-cxa-get-exception-ptr
  use-linker-plugin var-tracking-assignments var-tracking-assignments-toggle var-tracking-uninit
  variable-expansion-in-unroller vect-cost-model vect-cost-model= version-loops-for-strides vpt vtable-gc
  vtable-thunks vtv-* weak web whole-program xref zee
`);

/** Names after -m or -mno-. */
const M = words(`
  128bit-long-double 8bit-idiv abm accumulate-outgoing-args align-data= align-stringops amx-transpose android
  avx10.1-256 avx10.1-512 avx256-split-unaligned-load avx256-split-unaligned-store avx5124fmaps avx5124vnniw
  avx512er avx512pf bionic branch-cost= call-ms2sysv-xlogues cet-switch cld default direct-extern-access
  dispatch-scheduler dump-tune-features early-ldp-fusion early-ra= evex512 force-drap force-indirect-call hle
  indirect-branch-register inline-stringops-dynamically intel-syntax late-ldp-fusion low-precision-div
  low-precision-recip-sqrt low-precision-sqrt manual-endbr memcpy-strategy= memset-strategy= mitigate-rop
  move-max= musl mwait needed noreturn-no-callee-saved-registers override= partial-vector-fp-math
  pc-relative-literal-loads pcommit prefer-avx128 prefetchwt1 push-args record-return relax-cmpxchg-loop sse5
  store-max= stringop-strategy= stv tune-ctrl= unroll-only-small-loops veclibabi= vect8-ret-in-mem
  verbose-cost-dump
`);

/** Names after -W, -Wno-, -Werror= or -Wno-error=: warnings that clang does not have. */
const WARNINGS = words(`
  abi-tag abi= aggressive-loop-optimizations aligned-new aligned-new= alloc-size-larger-than
  alloc-size-larger-than= alloc-zero alloca-larger-than alloca-larger-than= analyzer-* arith-conversion
  array-bounds= array-parameter= assign-intercept attribute-alias attribute-alias= attributes= bidi-chars
  bidi-chars= bool-compare builtin-declaration-mismatch c11-c23-compat c11-c2x-compat c23-c2y-compat
  c90-c99-compat c99-c11-compat calloc-transposed-args cannot-profile cast-align= cast-user-defined catch-value
  catch-value= changes-meaning chkp class-memaccess clobbered comma-subscript complain-wrong-lang
  conditionally-supported coverage-invalid-line-number coverage-mismatch coverage-too-many-conditions
  coverage-too-many-paths dangling-pointer dangling-pointer= dangling-reference declaration-missing-parameter-type
  deprecated-variadic-comma-omission designated-init discarded-array-qualifiers discarded-qualifiers
  duplicated-branches duplicated-cond enum-int-mismatch flex-array-member-not-at-end format-contains-nul
  format-diag format-overflow= format-truncation= format= free-labels global-module hardened hsa if-not-aligned
  implicit-fallthrough= inherited-variadic-ctor init-list-lifetime interference-size invalid-imported-macros
  invalid-memory-model larger-than leading-whitespace= literal-suffix logical-op lto-type-mismatch
  maybe-musttail-local-addr maybe-uninitialized memset-elt-size mismatched-dealloc missing-attributes
  missing-parameter-name missing-parameter-type missing-profile missing-requires missing-template-keyword mudflap
  multiple-inheritance multistatement-macros musttail-local-addr namespaces noexcept non-template-friend
  nonnull-compare normalized normalized= old-style-declaration openacc-parallelism openmp-simd overloaded-virtual=
  override-init-side-effects packed-bitfield-compat packed-not-aligned placement-new placement-new=
  pmf-conversions prio-ctor-dtor property-assign-default redundant-tags restrict scalar-storage-order
  shadow-compatible-local shadow-local shadow= shift-overflow= sized-deallocation stack-usage stack-usage=
  strict-flex-arrays strict-null-sentinel stringop-overflow stringop-overflow= stringop-overread
  stringop-truncation subobject-linkage suggest-attribute= suggest-final-methods suggest-final-types
  switch-outside-range switch-unreachable sync-nand template-body template-id-cdtor template-names-tu-local
  templates terminate traditional traditional-conversion trailing-whitespace trailing-whitespace= trampolines tsan
  uninit-variable-checking= unsafe-loop-optimizations unsuffixed-float-constants unused-const-variable=
  use-after-free use-after-free= useless-cast vector-operation-performance virtual-inheritance virtual-move-assign
  vla-larger-than vla-larger-than= vla-parameter volatile zero-length-bounds
`);

/** Complete flags, whose opposite or family clang does have. */
const EXACTLY: ReadonlySet<string> = new Set(
  words(`
  -fauto-profile -felide-type -fno-diagnostics-parseable-fixits -fno-diagnostics-show-template-tree
  -fno-force-addr -fno-mudflap -fno-mudflapth -fno-unsigned-bitfields -fvar-tracking -fworking-directory
  -mfp-ret-in-387 -mgather -mno-apx-inline-asm-use-gpr32 -mno-fancy-math-387 -mscatter -gbtf -gctf -gdescribe-dies
  -ginline-points -gno-inline-points -ginternal-reset-location-views -gno-internal-reset-location-views
  -gstatement-frontiers -gno-statement-frontiers -gvariable-location-views -gvariable-location-views=incompat5
  -gno-variable-location-views -gas-loc-support -gno-as-loc-support -gas-locview-support -gno-as-locview-support
  -gprune-btf -gno-prune-btf -gcoff -gstabs -gstabs+ -gtoggle -gvms -gxcoff -gxcoff+ -mmpx -mno-mpx
  -pass-exit-codes
`),
);

const names = (list: readonly string[]) => ({
  whole: new Set(list.filter((name) => !name.endsWith('*'))),
  beginnings: list.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1)),
});
const HARMLESS = { f: names(F), m: names(M), W: names(WARNINGS) };

const LAYOUT = 'it changes how data is laid out, or functions are named and called, and clang cannot';
const NUMBERS = 'it changes what is computed with numbers, and clang cannot';
const LANGUAGE = 'it changes what the source means, and clang cannot';
const ORDER = 'clang does not keep the order of assembly and functions that it asks for';
const GUARDS = 'clang has no such guard';
const HOOKS = 'it changes which functions call hooks, and clang cannot';
const INSTRUCTIONS = 'clang has no such instructions';
const UNDONE = 'clang cannot take back the flag that this one undoes; leave both out';
const instead = (flag: string) => `clang has ${flag} for it`;

/** Flags whose absence can change a program. They take precedence over the lists above. */
const NOTICED: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^-fabi-(compat-)?version=|^-fsso-struct=|^-f(no-)?leading-underscore$|^-fno-weak$/, LAYOUT],
  [/^-fstrict-volatile-bitfields$|^-fvtable-verify=(?!none$)|^-f(fixed|call-used|call-saved)-(?!x\d)/, LAYOUT],
  [/^-m(96bit-long-double|vect8-ret-in-mem|sseregparm|address-mode=.*)$/, LAYOUT],
  [/^-m(preferred|incoming)-stack-boundary=/, instead('-mstack-alignment=<bytes>')],
  [
    /^-f(single-precision-constant|signaling-nans)$|^-fno-fp-int-builtin-inexact$|^-mpc(32|64|80)$|^-mno-ieee-fp$/,
    NUMBERS,
  ],
  [/^-mlow-precision-(div|sqrt|recip-sqrt)$/, NUMBERS],
  [/^-m(no-)?fused-madd$/, instead('-ffp-contract=fast and =off')],
  [/^-funsigned-bitfields$|^-fno-signed-bitfields$/, LANGUAGE],
  [
    /^-fwide-exec-charset=|^-f(plan9-extensions|nothrow-opt|gnu-tm|preprocessed|building-libgcc|module-only)$/,
    LANGUAGE,
  ],
  [/^-fno-(ext-numeric-literals|new-inheriting-ctors|new-ttp-matching)$|^-fcontract(s$|-)/, LANGUAGE],
  [
    /^-fstrong-eval-order(=(?!none$)|$)|^-f(no-)?range-for-ext-temps$|^-fzero-init-padding-bits=(?!standard$)/,
    LANGUAGE,
  ],
  [/^-fhandle-exceptions$/, instead('-fexceptions')],
  [/^-fno-handle-exceptions$/, instead('-fno-exceptions')],
  [/^-fno-hosted$/, instead('-ffreestanding')],
  [/^-fno-assume-sane-operators-new-delete$/, instead('-fno-assume-sane-operator-new')],
  [
    /^-fno-tree-loop-distribute-patterns$/,
    'clang makes calls of memset and memcpy from loops; it has -fno-builtin against that',
  ],
  [/^-fstrict-flex-arrays$/, instead('-fstrict-flex-arrays=3')],
  [/^-fmin-function-alignment=/, instead('-falign-functions=<bytes>')],
  [/^-fno-(toplevel-reorder|unit-at-a-time)$/, ORDER],
  [/^-fharden(ed$|-)|^-f(unreachable-traps|stack-protector-explicit)$|^-fstack-(check|limit-.*)=/, GUARDS],
  [/^-m(mitigate-rop|cet-switch|manual-endbr|cld|track-speculation)$|^-m(lam|indirect-branch)=(?!none$|keep$)/, GUARDS],
  [/^-mindirect-branch-register$/, GUARDS],
  [/^-f(asan-shadow-offset|sanitize-sections)=/, GUARDS],
  [
    /^-finstrument-functions-(exclude-.*-list=|once$)|^-mfentry-(name|section)=|^-m(instrument-return=|record-return$)/,
    HOOKS,
  ],
  [/^-m(abm|avx5124fmaps|avx5124vnniw|avx512er|avx512pf|avx10\.1-(256|512)|evex512|hle|mwait|pcommit)$/, INSTRUCTIONS],
  [/^-m(prefetchwt1|sse5|amx-transpose)$/, INSTRUCTIONS],
  [/^-mintel-syntax$/, instead('-masm=intel')],
  [/^-mno-direct-extern-access$/, instead('-fno-direct-access-external-data')],
  [/^-fno-(trapv|freestanding|instrument-functions|openacc|pcc-struct-return|visibility-ms-compat)$/, UNDONE],
  [
    /^-fno-(pch-preprocess|reg-struct-return)$|^-mno-(align-double|fentry|nop-mcount|record-mcount|recip|sse2avx)$/,
    UNDONE,
  ],
  [/^-mno-(ieee-fp|hard-float|indirect-branch-cs-prefix)$/, UNDONE],
];

function isHarmless(flag: string): boolean {
  if (/^-Wformat=[02]$/.test(flag)) return false; // clang has these two of the family
  const [, kind, name = '', value] = /^-(f|m|W)(?:no-)?(?:(?<=W|Wno-)error=)?([^=]*)(=.*)?$/s.exec(flag) ?? [];
  if (kind === undefined) return EXACTLY.has(flag);
  const { whole, beginnings } = HARMLESS[kind as keyof typeof HARMLESS];
  const isNamed = whole.has(value === undefined ? name : `${name}=`);
  return isNamed || beginnings.some((beginning) => name.startsWith(beginning)) || EXACTLY.has(flag);
}

/**
 * Judges a flag that gcc has and clang does not.
 * @returns `harmless` if the program does the same without it, else why it cannot be left out; undefined if clang
 *   should judge the flag
 */
export function judgeGccFlag(flag: string): 'harmless' | { refused: string } | undefined {
  const noticed = NOTICED.find(([pattern]) => pattern.test(flag));
  if (noticed) return { refused: noticed[1] };
  return isHarmless(flag) ? 'harmless' : undefined;
}
