/// Where a value stands in a configuration file: `rooms[1].max_clients`.
package struct ConfigurationPath: Hashable, Sendable, CustomStringConvertible {
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    private(set) var steps: [Step] = []

    init() {}

    /// A path of keys.
    package init(_ keys: String...) {
        self.steps = keys.map(Step.key)
    }

    package func key(_ key: String) -> ConfigurationPath {
        self.appending(.key(key))
    }

    package func index(_ index: Int) -> ConfigurationPath {
        self.appending(.index(index))
    }

    var parent: ConfigurationPath? {
        guard !self.steps.isEmpty else { return nil }
        var parent = self
        parent.steps.removeLast()
        return parent
    }

    package var description: String {
        var text = ""
        for step in self.steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += (text.isEmpty ? "" : ".") + Self.shown(key)
            }
        }
        return text
    }

    private func appending(_ step: Step) -> ConfigurationPath {
        var path = self
        path.steps.append(step)
        return path
    }

    private static func shown(_ key: String) -> String {
        let isBare = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if isBare && !key.isEmpty { return key }
        var text = JSONText()
        text.append(string: key)
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
