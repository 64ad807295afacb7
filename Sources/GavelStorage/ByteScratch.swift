/// Memory in which pieces are put together, used again and again.
final class ByteScratch {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var count = 0
    /// Memory beyond this is given back.
    private static let most = 4 << 20

    deinit {
        self.memory.deallocate()
    }

    /// Valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.memory[0..<self.count]) }

    func clear(expecting bytes: Int) {
        self.count = 0
        guard bytes > self.memory.count || self.memory.count > Self.most else { return }
        self.memory.deallocate()
        self.memory = .allocate(byteCount: max(bytes, 64 << 10), alignment: 16)
    }

    /// There must be room for them.
    func append(_ piece: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: self.memory[self.count...]).copyMemory(from: piece)
        self.count += piece.count
    }
}
