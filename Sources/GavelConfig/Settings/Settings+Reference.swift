extension Settings {
    /// All keys with their defaults, variables and meanings, for people.
    package static func reference() -> String {
        let defaults = GavelConfiguration()
        var text = ""
        for section in Self.sections {
            text += "[\(section)]\n"
            for setting in Self.all where setting.section == section {
                text += "\(setting.name) = \(setting.text(defaults))\n    \(setting.summary)\n"
                text += "    Write \(setting.expected). \(setting.environmentName) overrides it."
                text += setting.effect == .live ? "\n" : " A change waits for a restart.\n"
            }
            text += "\n"
        }
        text += "[[rooms]]\n"
        for table in [""] + Self.roomTables {
            if !table.isEmpty { text += "[rooms.\(table)]\n" }
            for setting in Self.rooms where setting.section == table {
                text += "\(setting.name)\n    \(setting.summary)\n    Write \(setting.expected).\n"
            }
        }
        return text + "[rooms.params]\n    What the rules read as room.params.\n"
    }
}
