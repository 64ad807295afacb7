/// How a configuration that was read again differs from the one in force.
package struct ConfigurationChanges: Sendable {
    /// One key that has another value.
    package struct Change: Hashable, Sendable, CustomStringConvertible {
        package let path: String
        /// As the configuration file holds them.
        package let from: String
        package let to: String

        package var description: String { "\(self.path): \(self.from) → \(self.to)" }
    }

    /// Keys outside `[[rooms]]` whose new value takes effect at once.
    package private(set) var live: [Change] = []
    /// Keys that keep their value until the relay is started again.
    package private(set) var atRestart: [Change] = []
    /// Whether any entry of `[[rooms]]` came, went or changed.
    package let areRoomsOther: Bool
    /// What is to be in force: the new, but for the values that wait.
    package private(set) var configuration: GavelConfiguration

    package init(from old: GavelConfiguration, to new: GavelConfiguration) {
        self.areRoomsOther = old.rooms.map(Self.texts) != new.rooms.map(Self.texts)
        self.configuration = new
        for setting in Settings.all {
            let change = Change(path: setting.path.description, from: setting.text(old), to: setting.text(new))
            guard change.from != change.to else { continue }
            switch setting.effect {
            case .live:
                self.live.append(change)
            case .atRestart:
                self.atRestart.append(change)
                setting.copy(old, &self.configuration)
            }
        }
    }

    /// Whether anything is another now.
    package var isEmpty: Bool { self.live.isEmpty && !self.areRoomsOther }

    private static func texts(of room: RoomEntry) -> [String] {
        Settings.rooms.map { $0.text(room) } + [String(decoding: room.params, as: UTF8.self)]
    }
}
