internal import NIOCore

/// The frames of one room in one tick.
///
/// Written on the room's home loop; from then on read only and shared by every member, loop and queue that needs it.
/// Writing a frame calls nothing else, so that overlapping accesses are not looked for at run time.
package final class Batch: @unchecked Sendable {
    @exclusivity(unchecked) package internal(set) var frames = Frames()

    package init() {}

    package var count: Int { self.frames.count }
}

/// Batches and lists of patches of one loop that wait for their next tick, so that an idle room owns none.
package final class BatchPool {
    private var spare: ContiguousArray<Batch> = []
    private var sparePatches: ContiguousArray<PatchList> = []
    private static let most = 256
    /// A batch that grew beyond this, in bytes, is given back to the system.
    private static let largest = 64 << 10

    package init() {}

    /// An empty batch.
    /// - Parameter bytes: How large it will probably become.
    package func take(expecting bytes: Int = 0) -> Batch {
        if let batch = self.spare.popLast() { return batch }
        let batch = Batch()
        if bytes > 0 { batch.frames.reserve(bytes: min(bytes, Self.largest), entries: 0) }
        return batch
    }

    /// Takes back a batch if nobody else holds it.
    package func give(_ batch: consuming Batch) {
        guard self.spare.count < Self.most, batch.frames.bytes.capacity <= Self.largest,
            isKnownUniquelyReferenced(&batch)
        else { return }
        batch.frames.clear()
        self.spare.append(batch)
    }

    /// An empty list.
    func takePatches() -> PatchList {
        self.sparePatches.popLast() ?? PatchList()
    }

    /// Takes back a list whose memory can be used again.
    func give(_ patches: consuming PatchList) {
        guard self.sparePatches.count < Self.most, patches.side.capacity <= Self.largest else { return }
        patches.clear()
        self.sparePatches.append(patches)
    }
}
@available(*, unavailable)
extension BatchPool: Sendable {}
