/// A place in what rules keep at which two descriptions of it differ; see ``RoomRules/describeState(atMost:)``.
package struct StateChange: Hashable, Codable, Sendable {
    /// As a designer writes it: `state.board[5]`, `clients[2].score`.
    package var path: String
    /// JSON; `nil`: it was not there.
    package var before: String?
    /// JSON; `nil`: it is not there.
    package var now: String?

    package init(_ path: String, before: String?, now: String?) {
        self.path = path
        self.before = before
        self.now = now
    }
}

extension StateChange: CustomStringConvertible {
    package var description: String {
        switch (self.before, self.now) {
        case (let before?, let now?): "\(self.path): \(before) -> \(now)"
        case (nil, let now?): "\(self.path): new: \(now)"
        case (let before?, nil): "\(self.path): gone: \(before)"
        case (nil, nil): self.path
        }
    }
}

extension StateChange {
    /// Bytes of a state that are described and compared; what is beyond them is not looked at.
    package static let describedBytes = 64 << 10

    /// All places at which two descriptions differ, in their order.
    package static func between(_ before: [UInt8], _ now: [UInt8]) -> [StateChange] {
        if before == now { return [] }
        let (before, now) = (StateText(before), StateText(now))
        var changes: [StateChange] = []
        Self.compare(before, before.root, now, now.root, "", &changes)
        return changes
    }

    private static func compare(
        _ before: StateText,
        _ old: StateText.Node,
        _ now: StateText,
        _ new: StateText.Node,
        _ path: String,
        _ changes: inout [StateChange]
    ) {
        if before.bytes[old.range] == now.bytes[new.range] { return }
        switch (old.parts, new.parts) {
        case (.members(let oldMembers), .members(let newMembers)):
            let olds = Dictionary(oldMembers.map { ($0.name, $0.node) }) { first, _ in first }
            let news = Dictionary(newMembers.map { ($0.name, $0.node) }) { first, _ in first }
            let names = oldMembers.map(\.name) + newMembers.map(\.name).filter { olds[$0] == nil }
            for name in names {
                let path = Self.path(path, name)
                self.compare(before, olds[name], now, news[name], path, &changes)
            }
        case (.elements(let olds), .elements(let news)):
            for index in 0..<max(olds.count, news.count) {
                let (old, new) = (
                    index < olds.count ? olds[index] : nil, index < news.count ? news[index] : nil
                )
                // As rules count.
                self.compare(before, old, now, new, "\(path)[\(index + 1)]", &changes)
            }
        default:
            changes.append(StateChange(path, before: before.text(of: old), now: now.text(of: new)))
        }
    }

    private static func compare(
        _ before: StateText,
        _ old: StateText.Node?,
        _ now: StateText,
        _ new: StateText.Node?,
        _ path: String,
        _ changes: inout [StateChange]
    ) {
        if let old, let new { return self.compare(before, old, now, new, path, &changes) }
        let (old, new) = (old.map { before.text(of: $0) }, new.map { now.text(of: $0) })
        changes.append(StateChange(path, before: old, now: new))
    }

    private static func path(_ path: String, _ name: String) -> String {
        if !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return "\(path)[\(name)]" }
        let isWord = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
        }
        if isWord, let first = name.utf8.first, first > 0x39 { return path.isEmpty ? name : "\(path).\(name)" }
        return "\(path)[\"\(name)\"]"
    }
}

/// A description of a state, taken apart. What is no sound JSON is taken for one value.
private struct StateText {
    indirect enum Parts {
        case none
        case elements([Node])
        case members([(name: String, node: Node)])
    }

    struct Node {
        var range: Range<Int>
        var parts = Parts.none
    }

    let bytes: [UInt8]
    private(set) var root = Node(range: 0..<0)
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.root = Node(range: bytes.indices)
        if let node = self.read(), self.position == bytes.count { self.root = node }
    }

    /// At most 120 characters of it, and whether there are more.
    func text(of node: Node) -> String {
        let text = String(decoding: self.bytes[node.range], as: UTF8.self)
        return text.count > 120 ? "\(text.prefix(120))…" : text
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.position < self.bytes.count, self.bytes[self.position] == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func read() -> Node? {
        let start = self.position
        if self.take(UInt8(ascii: "{")) {
            var members: [(name: String, node: Node)] = []
            while !self.take(UInt8(ascii: "}")) {
                if !members.isEmpty, !self.take(UInt8(ascii: ",")) { return nil }
                guard let name = self.readText(), self.take(UInt8(ascii: ":")), let node = self.read() else {
                    return nil
                }
                members.append((name, node))
            }
            return Node(range: start..<self.position, parts: .members(members))
        }
        if self.take(UInt8(ascii: "[")) {
            var elements: [Node] = []
            while !self.take(UInt8(ascii: "]")) {
                if !elements.isEmpty, !self.take(UInt8(ascii: ",")) { return nil }
                guard let node = self.read() else { return nil }
                elements.append(node)
            }
            return Node(range: start..<self.position, parts: .elements(elements))
        }
        if self.readText() != nil { return Node(range: start..<self.position) }
        let ends = ",]}".utf8
        while self.position < self.bytes.count, !ends.contains(self.bytes[self.position]) { self.position += 1 }
        return self.position == start ? nil : Node(range: start..<self.position)
    }

    /// - Returns: As it is written, without the quotes; `nil`: no text begins here.
    private mutating func readText() -> String? {
        guard self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: "\"") else { return nil }
        var end = self.position + 1
        while end < self.bytes.count, self.bytes[end] != UInt8(ascii: "\"") {
            end += self.bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard end < self.bytes.count else { return nil }
        defer { self.position = end + 1 }
        return String(decoding: self.bytes[self.position + 1..<end], as: UTF8.self)
    }
}
