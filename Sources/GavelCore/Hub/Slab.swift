/// Values in numbered places, reached where they stand: reading one member of a large value copies only that member,
/// which an array does not promise.
struct Slab<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init() {
        self.capacity = 16
        self.base = .allocate(capacity: self.capacity)
    }

    deinit {
        self.base.deinitialize(count: self.count)
        self.base.deallocate()
    }

    /// Complexity: O(1) amortised.
    mutating func append(_ element: consuming Element) {
        if self.count == self.capacity {
            let grown = UnsafeMutablePointer<Element>.allocate(capacity: 2 * self.capacity)
            grown.moveInitialize(from: self.base, count: self.count)
            self.base.deallocate()
            self.base = grown
            self.capacity *= 2
        }
        (self.base + self.count).initialize(to: element)
        self.count += 1
    }

    subscript(place: Int) -> Element {
        @inline(__always) _read {
            precondition(place >= 0 && place < self.count)
            yield self.base[place]
        }
        @inline(__always) _modify {
            precondition(place >= 0 && place < self.count)
            yield &self.base[place]
        }
    }
}
