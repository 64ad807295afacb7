/// One key of the configuration: its name, its type, where its value goes and what it means.
///
/// `Root` is what the value belongs to: the whole ``GavelConfiguration``, or one ``RoomEntry``.
package struct Setting<Root>: Sendable {
    /// When a changed value takes effect.
    package enum Effect: Sendable {
        /// As soon as the relay reads its configuration again.
        case live
        /// When the relay is started again.
        case atRestart
    }

    package private(set) var effect = Effect.live
    /// The table it stands in, that of an entry for a key of `[[rooms]]`; empty for a key of the entry itself.
    package private(set) var section = ""
    package let name: String
    /// One sentence for the reference.
    package let summary: String
    /// What to write.
    package let expected: String
    /// Reads the value and puts it where it belongs.
    let apply: @Sendable (TOMLNode, inout Root) throws(Complaint) -> Void
    /// Makes of a text what the configuration file would hold.
    let interpret: @Sendable (String) -> TOMLNode
    /// Copies the value from one root to another.
    let copy: @Sendable (_ from: Root, _ to: inout Root) -> Void
    /// The value that stands in `root`, as the configuration file holds it.
    package let text: @Sendable (_ root: Root) -> String

    init<Value>(
        _ name: String,
        _ type: SettingType<Value>,
        _ place: any WritableKeyPath<Root, Value> & Sendable,
        _ summary: String
    ) {
        self.name = name
        self.summary = summary
        self.expected = type.expected
        self.interpret = type.interpret
        self.text = { type.format($0[keyPath: place]) }
        self.apply = { node, root throws(Complaint) in
            root[keyPath: place] = try type.read(node)
        }
        self.copy = { $1[keyPath: place] = $0[keyPath: place] }
    }

    /// A key whose value may be absent: where it is not written, and where `word` or 0 is.
    init<Value>(
        _ name: String,
        _ type: SettingType<Value>,
        or word: String?,
        _ place: any WritableKeyPath<Root, Value?> & Sendable,
        _ summary: String
    ) {
        self.init(name, type.optional(word), place, summary)
    }

    /// A key that a running relay does not take a new value of.
    var atRestart: Self {
        var setting = self
        setting.effect = .atRestart
        return setting
    }

    func inSection(_ section: String) -> Self {
        var setting = self
        setting.section = section
        return setting
    }

    package var path: ConfigurationPath {
        self.section.isEmpty ? ConfigurationPath(self.name) : ConfigurationPath(self.section, self.name)
    }

    /// `GAVEL_SERVER_PORT` for `server.port`.
    package var environmentName: String {
        "GAVEL_\(self.section)_\(self.name)".uppercased()
    }
}
