// The artifact profile, JSON v1: {"functions": {"f": 12}, "edges":
// [{"caller": "<root>", "callee": "f", "count": 12}]}.
#include "profile_table.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace art {
namespace {

Error malformed(const Twine &What) {
  return createStringError("not an artifact profile: " + What);
}

/// LLVM's parser recurses, and an artifact profile is four deep.
bool tooDeep(StringRef Text) {
  unsigned Depth = 0;
  bool InString = false;
  for (size_t I = 0; I < Text.size(); ++I) {
    char C = Text[I];
    if (InString && C == '\\')
      ++I;
    else if (C == '"')
      InString = !InString;
    else if (InString)
      continue;
    else if ((C == '{' || C == '[') && ++Depth > 8)
      return true;
    else if ((C == '}' || C == ']') && Depth > 0)
      --Depth;
  }
  return false;
}

std::optional<uint64_t> count(const json::Value *V) {
  std::optional<int64_t> N = V ? V->getAsInteger() : std::nullopt;
  if (!N || *N < 0 || uint64_t(*N) > MaxCount)
    return std::nullopt;
  return *N;
}

Error readEdge(const json::Value &V, ProfileTable &T) {
  const json::Object *O = V.getAsObject();
  auto Caller = O ? O->getString("caller") : std::nullopt;
  auto Callee = O ? O->getString("callee") : std::nullopt;
  auto N = O ? count(O->get("count")) : std::nullopt;
  if (!Caller || !Callee || !N)
    return malformed("an edge is {\"caller\", \"callee\", \"count\"}, with a "
                     "count from 0 to 2^53-1");
  uint64_t &Edge = T[Caller->str()].Edges[Callee->str()];
  Edge = addCounts(Edge, *N);
  return Error::success();
}

} // namespace

uint64_t addCounts(uint64_t A, uint64_t B) {
  A = std::min(A, MaxCount);
  return A + std::min(B, MaxCount - A);
}

Error readArtifactProfile(StringRef Text, ProfileTable &T) {
  if (tooDeep(Text))
    return malformed("too many levels");
  Expected<json::Value> Root = json::parse(Text);
  if (!Root)
    return malformed(toString(Root.takeError()));
  const json::Object *O = Root->getAsObject();
  const json::Object *Functions = O ? O->getObject("functions") : nullptr;
  if (!Functions)
    return malformed("\"functions\" is missing or not an object");
  for (const auto &[Key, Value] : *Functions) {
    std::optional<uint64_t> N = count(&Value);
    if (!N)
      return malformed("the count of '" + Key.str() +
                       "' is not an integer from 0 to 2^53-1");
    ProfiledFunction &F = T[Key.str()];
    F.Counted = true;
    F.Count = addCounts(F.Count, *N);
    F.Total = addCounts(F.Total, *N);
  }
  const json::Value *Edges = O->get("edges");
  if (!Edges)
    return Error::success();
  if (!Edges->getAsArray())
    return malformed("\"edges\" is not an array");
  for (const json::Value &V : *Edges->getAsArray())
    if (Error E = readEdge(V, T))
      return E;
  return Error::success();
}

void writeArtifactProfile(const ProfileTable &T, raw_ostream &OS) {
  json::OStream J(OS, /*IndentSize=*/2);
  J.object([&] {
    J.attributeObject("functions", [&] {
      for (const auto &[Name, F] : T)
        if (F.Counted)
          J.attribute(json::fixUTF8(Name), int64_t(F.Count));
    });
    J.attributeArray("edges", [&] {
      for (const auto &Entry : T)
        for (const auto &Edge : Entry.second.Edges)
          J.object([&] {
            J.attribute("caller", json::fixUTF8(Entry.first));
            J.attribute("callee", json::fixUTF8(Edge.first));
            J.attribute("count", int64_t(Edge.second));
          });
    });
  });
  OS << "\n";
}

} // namespace art
