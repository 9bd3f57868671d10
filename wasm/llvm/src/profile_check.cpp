// The layouts: llvm/ProfileData/InstrProfData.inc, InstrProf.h (indexed),
// OnDiskHashTable.h and SampleProf.h of LLVM 22.1.8.
#include "profile_check.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ProfileData/InstrProfReader.h"
#include "llvm/ProfileData/SampleProfReader.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/LEB128.h"

using namespace llvm;

namespace art {
namespace {

Error malformed(const Twine &What) {
  return createStringError("malformed profile: " + What);
}

/// Versions follow each other: an older file can be created again with this program's
/// LLVM, and a newer one is for a program with a newer LLVM.
Error unsupported(const Twine &What, uint64_t Version, uint64_t Ours,
                  const Twine &Older) {
  return createStringError("unsupported " + What + " version " + Twine(Version) +
                           "; this version of art reads " + Twine(Ours) + ": " +
                           (Version < Ours ? Older : "use a newer art"));
}

/// Reads little-endian numbers; once something does not fit, all is zero and
/// `failed` is true.
class Cursor {
  StringRef Bytes;
  uint64_t At;
  bool Failed = false;

  bool take(uint64_t Size) {
    if (Failed || At > Bytes.size() || Size > Bytes.size() - At)
      Failed = true;
    return !Failed;
  }

public:
  explicit Cursor(StringRef Bytes, uint64_t At = 0) : Bytes(Bytes), At(At) {}

  template <typename T> T read() {
    if (!take(sizeof(T)))
      return 0;
    T Value = support::endian::read<T, llvm::endianness::little>(
        Bytes.data() + At);
    At += sizeof(T);
    return Value;
  }
  uint64_t word() { return read<uint64_t>(); }
  uint64_t uleb() {
    if (Failed)
      return 0;
    unsigned Length = 0;
    const char *Problem = nullptr;
    uint64_t Value =
        decodeULEB128(Bytes.bytes_begin() + std::min<uint64_t>(At, Bytes.size()),
                      &Length, Bytes.bytes_end(), &Problem);
    if (Problem)
      Failed = true;
    At += Length;
    return Failed ? 0 : Value;
  }
  /// Steps over Count items of Size bytes.
  void skip(uint64_t Count, uint64_t Size = 1) {
    if (Size != 0 && Count > Bytes.size() / Size)
      Failed = true;
    else if (take(Count * Size))
      At += Count * Size;
  }
  void align() { skip(offsetToAlignment(At, Align(8))); }
  void skipZeros() {
    while (!atEnd() && Bytes[At] == 0)
      ++At;
  }
  uint64_t offset() const { return At; }
  bool failed() const { return Failed; }
  bool atEnd() const { return Failed || At >= Bytes.size(); }
};

/// ValueProfData: its size, its kinds, and for each kind the sites.
void skipValueData(Cursor &C) {
  uint64_t Start = C.offset();
  uint32_t Size = C.read<uint32_t>();
  uint32_t Kinds = C.read<uint32_t>();
  for (uint32_t K = 0; K < Kinds && !C.failed(); ++K) {
    C.read<uint32_t>();
    uint32_t Sites = C.read<uint32_t>();
    uint64_t Values = 0;
    for (uint32_t S = 0; S < Sites && !C.failed(); ++S)
      Values += C.read<uint8_t>();
    C.skip(offsetToAlignment(C.offset() - Start, Align(8)));
    C.skip(Values, 2 * sizeof(uint64_t));
  }
  if (C.offset() - Start != Size)
    C.skip(UINT64_MAX); // fails
}

/// The records of one function in an indexed profile.
bool recordsFit(StringRef Bytes, uint64_t Version) {
  Cursor C(Bytes);
  while (!C.atEnd()) {
    C.word(); // hash
    C.skip(Version > 1 ? C.word() : Bytes.size() / 8 - 1, 8);
    if (Version > IndexedInstrProf::Version10)
      C.skip(C.word(), 8); // a word for each byte of the bitmap
    if (Version > IndexedInstrProf::Version2)
      skipValueData(C);
  }
  return !C.failed();
}

/// The hash table of functions: chains of items from Payload to Table, then
/// the number of buckets, of items, and an offset for each bucket.
Error checkTable(StringRef Bytes, uint64_t Payload, uint64_t Table,
                 uint64_t Version) {
  Cursor Head(Bytes, Table);
  uint64_t Buckets = Head.word(), Entries = Head.word();
  if (Head.failed() || Table < Payload || Table % 8 != 0 ||
      !isPowerOf2_64(Buckets))
    return malformed("its header has a wrong offset of the function index");
  DenseSet<uint64_t> Chains;
  uint64_t Seen = 0;
  Cursor C(Bytes.take_front(Table), Payload);
  while (Seen < Entries && !C.failed()) {
    Chains.insert(C.offset());
    uint16_t Items = C.read<uint16_t>();
    if (Items == 0)
      return malformed("its function index has an empty chain");
    for (uint16_t I = 0; I < Items && !C.failed(); ++I, ++Seen) {
      C.word(); // the key's hash
      uint64_t KeySize = C.word(), DataSize = C.word();
      C.skip(KeySize);
      uint64_t Data = C.offset();
      C.skip(DataSize);
      if (!C.failed() && !recordsFit(Bytes.substr(Data, DataSize), Version))
        return malformed("the counters of a function have a wrong size");
    }
  }
  if (C.failed() || Seen != Entries)
    return malformed("its function index is cut short");
  for (uint64_t B = 0; B < Buckets && !Head.failed(); ++B)
    if (uint64_t Offset = Head.word(); Offset && !Chains.contains(Offset))
      return malformed("its function index has an offset beyond its end");
  return Head.failed() ? malformed("its function index is cut short")
                       : Error::success();
}

void skipSummary(Cursor &C) {
  uint64_t Fields = C.word(), Cutoffs = C.word();
  if (Fields < IndexedInstrProf::Summary::NumKinds)
    C.skip(UINT64_MAX);
  C.skip(Fields, 8);
  C.skip(Cutoffs, sizeof(IndexedInstrProf::Summary::Entry));
}

/// One or more runs of names: two sizes, and that many bytes.
bool namesFit(StringRef Bytes) {
  Cursor C(Bytes);
  while (!C.atEnd()) {
    uint64_t Size = C.uleb(), Compressed = C.uleb();
    if (Compressed != 0 && Size / 1100 > Compressed)
      return false; // more than zlib can pack
    C.skip(Compressed ? Compressed : Size);
    C.skipZeros();
  }
  return !C.failed();
}

Error checkIndexed(StringRef Bytes) {
  Cursor C(Bytes, 8);
  uint64_t Tagged = C.word(), Version = GET_VERSION(Tagged);
  C.word();
  C.word(); // the hash type: the reader checks it
  uint64_t Table = C.word();
  if (Version == 0 || Version > IndexedInstrProf::CurrentVersion)
    return unsupported("instrumentation profile format", Version,
                       IndexedInstrProf::CurrentVersion, "create it again");
  if (Tagged & VARIANT_MASK_MEMPROF)
    return createStringError("memory profiles are not supported");
  if (Version >= 8)
    C.word(); // of the memory profile
  uint64_t Ids = Version >= 9 ? C.word() : 0;
  uint64_t Traces = Version >= 10 ? C.word() : 0;
  uint64_t VTables = Version >= 12 ? C.word() : 0;
  if (Version >= IndexedInstrProf::Version4)
    skipSummary(C);
  if (Tagged & VARIANT_MASK_CSIR_PROF)
    skipSummary(C);
  if (C.failed())
    return malformed("its header is cut short");
  for (uint64_t Blob : {Ids, VTables}) {
    if (!Blob)
      continue;
    Cursor At(Bytes, Blob);
    uint64_t Size = At.word(), Start = At.offset();
    At.skip(Size);
    if (At.failed() || (Blob == VTables && !namesFit(Bytes.substr(Start, Size))))
      return malformed("a section lies outside the file");
  }
  if (Tagged & VARIANT_MASK_TEMPORAL_PROF) {
    Cursor At(Bytes, Traces);
    uint64_t Number = At.word();
    At.word();
    for (uint64_t I = 0; I < Number && !At.failed(); ++I) {
      At.word();
      At.skip(At.word(), 8);
    }
    if (At.failed())
      return malformed("its traces lie outside the file");
  }
  return checkTable(Bytes, C.offset(), Table, Version);
}

/// A raw file: one or more dumps of a program's profile, one after another.
Error checkRaw(StringRef Bytes) {
  using Data = RawInstrProf::ProfileData<uint64_t>;
  constexpr size_t SitesAt = offsetof(Data, NumValueSites);
  Cursor C(Bytes);
  while (!C.atEnd()) {
    RawInstrProf::Header H{};
    if (Bytes.size() - C.offset() < sizeof(H))
      return malformed("a header is cut short");
    std::memcpy(static_cast<void *>(&H), Bytes.data() + C.offset(), sizeof(H));
    if (H.Magic != RawInstrProf::getMagic<uint64_t>())
      return Error::success(); // the reader has words for it
    if (GET_VERSION(H.Version) != RawInstrProf::Version)
      return unsupported("raw profile format", GET_VERSION(H.Version),
                         RawInstrProf::Version,
                         "build the program again, and run it");
    if (H.ValueKindLast != IPVK_Last)
      return malformed("its value profiles are of an unknown kind");
    bool ByteCounters = H.Version & VARIANT_MASK_BYTE_COVERAGE;
    C.skip(sizeof(H));
    C.skip(H.BinaryIdsSize);
    uint64_t Functions = C.offset();
    C.skip(H.NumData, sizeof(Data));
    C.skip(H.PaddingBytesBeforeCounters);
    C.skip(H.NumCounters, ByteCounters ? 1 : 8);
    C.skip(H.PaddingBytesAfterCounters);
    C.skip(H.NumBitmapBytes);
    C.skip(H.PaddingBytesAfterBitmapBytes);
    uint64_t Names = C.offset();
    C.skip(H.NamesSize);
    C.align();
    C.skip(H.NumVTables, sizeof(RawInstrProf::VTableProfileData<uint64_t>));
    uint64_t VTableNames = C.offset();
    C.skip(H.VNamesSize);
    C.align();
    if (C.failed())
      return malformed("a section lies outside the file");
    if (!namesFit(Bytes.substr(Names, H.NamesSize)) ||
        !namesFit(Bytes.substr(VTableNames, H.VNamesSize)))
      return malformed("its names have a wrong size");
    for (uint64_t I = 0; I < H.NumData && !C.failed(); ++I) {
      Cursor Sites(Bytes, Functions + I * sizeof(Data) + SitesAt);
      bool HasValues = false;
      for (unsigned K = 0; K <= IPVK_Last; ++K)
        HasValues |= Sites.read<uint16_t>() != 0;
      if (HasValues)
        skipValueData(C);
    }
    if (C.failed())
      return malformed("its value profiles have a wrong size");
    C.skipZeros();
  }
  return Error::success();
}

} // namespace

Error checkInstrProfile(const MemoryBuffer &B) {
  if (IndexedInstrProfReader::hasFormat(B))
    return checkIndexed(B.getBuffer());
  if (RawInstrProfReader64::hasFormat(B)) {
    if (support::endian::read64le(B.getBufferStart()) !=
        RawInstrProf::getMagic<uint64_t>())
      return createStringError("raw profiles of big-endian targets are not "
                               "supported");
    return checkRaw(B.getBuffer());
  }
  if (RawInstrProfReader32::hasFormat(B))
    return createStringError("raw profiles of 32-bit targets are not supported");
  return Error::success(); // text, read line by line
}

Error checkSampleProfile(const MemoryBuffer &B) {
  bool Extended = sampleprof::SampleProfileReaderExtBinary::hasFormat(B);
  if (!Extended && !sampleprof::SampleProfileReaderRawBinary::hasFormat(B))
    return Error::success(); // text, read line by line
  Cursor C(B.getBuffer());
  C.uleb(); // magic
  if (uint64_t Version = C.uleb(); !C.failed() && Version != sampleprof::SPVersion())
    return unsupported("sample profile format", Version,
                       sampleprof::SPVersion(), "create it again");
  uint64_t Sections = Extended ? C.word() : 0;
  for (uint64_t I = 0; I < Sections && !C.failed(); ++I) {
    C.word();
    C.word();
    uint64_t Offset = C.word(), Size = C.word();
    Cursor Section(B.getBuffer(), Offset);
    Section.skip(Size);
    if (Section.failed())
      return malformed("a section lies outside the file");
  }
  return C.failed() ? malformed("its table of sections is cut short")
                    : Error::success();
}

} // namespace art
