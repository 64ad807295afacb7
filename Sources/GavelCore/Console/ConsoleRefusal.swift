/// Why what somebody typed was not done. For people: whole sentences.
package struct ConsoleRefusal: Error, Hashable, CustomStringConvertible {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { self.text }
}
