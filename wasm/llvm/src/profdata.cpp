#include "profdata.h"
#include "profile_instr.h"
#include "profile_sample.h"
#include "stop.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ProfileData/InstrProfReader.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/ToolOutputFile.h"
#include <set>

using namespace llvm;

namespace art {
namespace {

constexpr int ExitFailure = 1, ExitUsage = 2;

struct ToolOptions {
  StringRef Output, Format;
  std::vector<StringRef> Inputs;
};

int usage(const Twine &Problem) {
  errs() << "profdata: " << Problem
         << "\nusage: profdata merge --output=F"
            " --format=instr|instr-text|sample|sample-text|json <input>...\n"
            "       profdata show --output=F <input>\n";
  return ExitUsage;
}

int fail(StringRef Input, Error E) {
  errs() << Input << ": " << oneLine(toString(std::move(E))) << "\n";
  return ExitFailure;
}

struct LoadedProfile {
  std::unique_ptr<MemoryBuffer> Buffer;
  ProfileFamily Family;
};

Expected<LoadedProfile> load(StringRef Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> B = MemoryBuffer::getFile(Path);
  if (!B)
    return createStringError(B.getError().message());
  Expected<ProfileFamily> Family = recogniseProfile(**B);
  if (!Family)
    return Family.takeError();
  return LoadedProfile{std::move(*B), *Family};
}

Error describe(LoadedProfile P, ProfileDescription &D, ProfileTable &T) {
  if (P.Family == ProfileFamily::Instrumentation)
    return readInstrProfile(std::move(P.Buffer), D, T);
  if (P.Family == ProfileFamily::Sample)
    return readSampleProfile(std::move(P.Buffer), D, T);
  D.Kind = "artifact";
  D.Format = "json";
  return readArtifactProfile(P.Buffer->getBuffer(), T);
}

/// A profile by symbol. In an instrumentation profile a static function has its
/// file before it, and those of several files become one symbol.
class SymbolTable {
  std::map<std::string, std::set<std::string>> Names;

  std::string symbol(const std::string &Name, StringRef Kind) {
    size_t Before = Kind == "instr-ir"         ? Name.rfind(';')
                    : Kind == "instr-frontend" ? Name.rfind(':')
                                               : std::string::npos;
    std::string Symbol = Name.substr(Before + 1); // npos + 1 is 0
    Names[Symbol].insert(Name);
    return Symbol;
  }

public:
  ProfileTable Functions;

  void add(const ProfileTable &T, StringRef Kind) {
    for (const auto &[Name, F] : T) {
      ProfiledFunction &To = Functions[symbol(Name, Kind)];
      To.Counted |= F.Counted;
      To.Count = addCounts(To.Count, F.Count);
      for (const auto &[Callee, Count] : F.Edges) {
        uint64_t &Edge = To.Edges[symbol(Callee, Kind)];
        Edge = addCounts(Edge, Count);
      }
    }
  }

  void warnOfShared() const {
    for (const auto &[Symbol, From] : Names)
      if (From.size() > 1)
        errs() << "warning: '" << Symbol << "' stands for "
               << join(From.begin(), From.end(), " and ")
               << ": their counts are added, since an artifact profile has "
                  "symbols, not files\n";
  }
};

/// Writes the output file; nothing is left of it on failure.
int write(StringRef Path, function_ref<Error(ToolOutputFile &)> Contents) {
  std::error_code EC;
  ToolOutputFile File(Path, EC, sys::fs::OF_None);
  if (EC)
    return fail(Path, errorCodeToError(EC));
  if (Error E = Contents(File))
    return fail(Path, std::move(E));
  File.keep();
  return 0;
}

int mergeToInstr(const ToolOptions &O) {
  InstrMerger Merger;
  for (StringRef Path : O.Inputs) {
    ReadingFile Reading(Path);
    Expected<LoadedProfile> P = load(Path);
    if (!P)
      return fail(Path, P.takeError());
    if (P->Family == ProfileFamily::Artifact)
      return fail(Path, createStringError(
                            "an artifact profile has no hashes of control "
                            "flow, so it cannot become an instrumentation "
                            "profile: convert it to a sample profile"));
    if (P->Family == ProfileFamily::Sample)
      return fail(Path, createStringError("a sample profile cannot become an "
                                          "instrumentation profile"));
    auto Warn = [&](Twine Message) {
      errs() << "warning: " << Path << ": " << Message << "\n";
    };
    if (Error E = Merger.add(std::move(P->Buffer), Warn))
      return fail(Path, std::move(E));
  }
  return write(O.Output, [&](ToolOutputFile &F) {
    return Merger.write(F.os(), O.Format == "instr-text");
  });
}

int mergeToSample(const ToolOptions &O) {
  SampleMerger Merger;
  ProfileTable T; // of all artifact profiles together
  for (StringRef Path : O.Inputs) {
    ReadingFile Reading(Path);
    Expected<LoadedProfile> P = load(Path);
    if (!P)
      return fail(Path, P.takeError());
    if (P->Family == ProfileFamily::Instrumentation)
      return fail(Path, createStringError("an instrumentation profile cannot "
                                          "become a sample profile"));
    Error E = P->Family == ProfileFamily::Sample
                  ? Merger.add(std::move(P->Buffer))
                  : readArtifactProfile(P->Buffer->getBuffer(), T);
    if (!E && O.Format == "sample-text" && Merger.hashedNames())
      E = createStringError(OnlyHashes);
    if (E)
      return fail(Path, std::move(E));
  }
  Merger.add(T);
  if (Error E = Merger.write(O.Output, O.Format == "sample-text")) {
    (void)sys::fs::remove(O.Output);
    return fail(O.Output, std::move(E));
  }
  return 0;
}

int mergeToArtifact(const ToolOptions &O) {
  SymbolTable Symbols;
  std::optional<bool> Instrumented;
  for (StringRef Path : O.Inputs) {
    ReadingFile Reading(Path);
    Expected<LoadedProfile> P = load(Path);
    if (!P)
      return fail(Path, P.takeError());
    ProfileDescription D;
    ProfileTable Read;
    if (Error E = describe(std::move(*P), D, Read))
      return fail(Path, std::move(E));
    bool I = D.Family == ProfileFamily::Instrumentation;
    if (Instrumented && *Instrumented != I)
      return fail(Path, createStringError("instrumentation profiles and "
                                          "others cannot be merged"));
    Instrumented = I;
    if (D.HashedNames)
      return fail(Path, createStringError(OnlyHashes));
    if (!D.EntryCounts)
      errs() << "warning: " << Path
             << ": not every function has a counter at its entry, so a count "
                "may be that of another block: instrument with art's "
                "--instrument=ir, or with -mllvm -pgo-instrument-entry\n";
    Symbols.add(Read, D.Kind);
  }
  Symbols.warnOfShared();
  return write(O.Output, [&](ToolOutputFile &F) {
    writeArtifactProfile(Symbols.Functions, F.os());
    return Error::success();
  });
}

void writeDescription(const ProfileDescription &D, const ProfileTable &T,
                      raw_ostream &OS) {
  std::vector<const ProfileTable::value_type *> Entries;
  uint64_t Total = 0, Max = 0;
  for (const auto &Entry : T) {
    if (!Entry.second.Counted && Entry.first == RootCaller)
      continue;
    Entries.push_back(&Entry);
    Total = addCounts(Total, Entry.second.Count);
    Max = std::max(Max, Entry.second.Count);
  }
  stable_sort(Entries, [](auto *A, auto *B) {
    return A->second.Count > B->second.Count; // T is sorted by name
  });
  json::OStream J(OS);
  J.object([&] {
    J.attribute("kind", D.Kind);
    J.attribute("format", D.Format);
    J.attribute("version",
                D.Version ? json::Value(int64_t(D.Version)) : json::Value(nullptr));
    J.attribute("context_sensitive", D.ContextSensitive);
    J.attribute("hashed_names", D.HashedNames);
    J.attribute("functions", int64_t(Entries.size()));
    J.attribute("total", int64_t(Total));
    J.attribute("max", int64_t(Max));
    J.attributeArray("entries", [&] {
      for (const auto *Entry : Entries)
        J.object([&] {
          J.attribute("name", json::fixUTF8(Entry->first));
          J.attribute("count", int64_t(Entry->second.Count));
          J.attribute("total", int64_t(Entry->second.Total));
          J.attributeArray("edges", [&] {
            for (const auto &Edge : Entry->second.Edges)
              J.object([&] {
                J.attribute("callee", json::fixUTF8(Edge.first));
                J.attribute("count", int64_t(Edge.second));
              });
          });
        });
    });
  });
  OS << "\n";
}

int show(const ToolOptions &O) {
  StringRef Path = O.Inputs.front();
  ProfileDescription D;
  ProfileTable T;
  {
    ReadingFile Reading(Path);
    Expected<LoadedProfile> P = load(Path);
    if (!P)
      return fail(Path, P.takeError());
    if (Error E = describe(std::move(*P), D, T))
      return fail(Path, std::move(E));
  }
  return write(O.Output, [&](ToolOutputFile &F) {
    writeDescription(D, T, F.os());
    return Error::success();
  });
}

} // namespace

Expected<ProfileFamily> recogniseProfile(const MemoryBuffer &B) {
  StringRef Text = B.getBuffer().ltrim(" \t\r\n");
  if (Text.empty())
    return createStringError("the profile is empty");
  if (Text.starts_with("{"))
    return ProfileFamily::Artifact;
  using namespace sampleprof;
  if (IndexedInstrProfReader::hasFormat(B) ||
      RawInstrProfReader64::hasFormat(B) || RawInstrProfReader32::hasFormat(B))
    return ProfileFamily::Instrumentation;
  if (SampleProfileReaderRawBinary::hasFormat(B) ||
      SampleProfileReaderExtBinary::hasFormat(B) ||
      SampleProfileReaderGCC::hasFormat(B) || SampleProfileReaderText::hasFormat(B))
    return ProfileFamily::Sample;
  if (TextInstrProfReader::hasFormat(B))
    return ProfileFamily::Instrumentation;
  return createStringError("neither an artifact profile nor one of LLVM's");
}

int profileTool(ArrayRef<const char *> Arguments) {
  ToolOptions O;
  StringRef Command = Arguments.empty() ? "" : Arguments.front();
  if (Command != "merge" && Command != "show")
    return usage("profdata takes merge or show");
  for (StringRef A : Arguments.drop_front()) {
    if (A.consume_front("--output="))
      O.Output = A;
    else if (A.consume_front("--format="))
      O.Format = A;
    else if (A.starts_with("-"))
      return usage("unknown option '" + A + "'");
    else
      O.Inputs.push_back(A);
  }
  if (O.Output.empty() || O.Inputs.empty())
    return usage("profdata " + Command + " needs --output and an input");
  if (Command == "show")
    return O.Inputs.size() == 1 ? show(O) : usage("show takes one input");
  if (O.Format == "instr" || O.Format == "instr-text")
    return mergeToInstr(O);
  if (O.Format == "sample" || O.Format == "sample-text")
    return mergeToSample(O);
  if (O.Format == "json")
    return mergeToArtifact(O);
  return usage("unknown format '" + O.Format + "'");
}

} // namespace art
