/// What a relay did with saves that it should not have, counted, with the first ones in words.
struct SavesFindings: Sendable, Equatable {
    static let mostTexts = 10

    private(set) var count: UInt64 = 0
    private(set) var texts: [String] = []

    mutating func note(_ text: String) {
        self.count += 1
        if self.texts.count < Self.mostTexts { self.texts.append(text) }
    }
}
