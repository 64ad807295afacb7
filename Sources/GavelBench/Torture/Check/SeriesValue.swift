/// What a numbered message is of a series that must be whole: of a client's messages the 17th, say.
struct SeriesValue: Hashable, Sendable {
    /// Whose or what series it is, in words.
    var series: String
    /// From 1 on.
    var value: UInt64

    init(_ series: String, _ value: UInt64) {
        self.series = series
        self.value = value
    }
}
