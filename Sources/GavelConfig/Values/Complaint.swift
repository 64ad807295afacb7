/// What is wrong with one value, and what to write instead. Where the value stands is added by whoever read it.
package struct Complaint: Error, Hashable {
    /// What is wrong, without a full stop: `15 has no unit`.
    package let what: String
    /// What to do, a sentence: `Write "15s".`
    package let advice: String

    package init(_ what: String, advice: String) {
        self.what = what
        self.advice = advice
    }
}
