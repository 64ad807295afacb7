/// One line that shows how far a run is.
package enum ProgressBar {
    private static let barColumns = 24

    /// - Parameter width: Columns of the terminal, which the line does not exceed.
    package static func line(_ progress: BenchProgress, width: Int) -> String {
        let full = Int((progress.share * Double(Self.barColumns)).rounded(.down))
        let bar = String(repeating: "#", count: full) + String(repeating: "-", count: Self.barColumns - full)
        let stage = progress.stage.rawValue
        let padding = String(repeating: " ", count: max(0, 9 - stage.count))
        let count =
            progress.stage == .joining
            ? "\(Text.grouped(UInt64(progress.clientsJoined))) clients"
            : "\(Text.grouped(progress.delivered)) messages"
        return String(
            "\(stage)\(padding) [\(bar)] \(Text.decimal(100 * progress.share, places: 0)) %  \(count)".prefix(width)
        )
    }
}
